using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Zoo;

/// <summary>What became of a graph: how many layers at 8 bit and how close its outputs stayed, or the one line that it was refused with.</summary>
internal sealed record ZooOutcome(int Layers, double Cosine, string Worst, string? Refusal);

/// <summary>Takes one graph through everything: parsed, priced, calibrated, quantized to 8 bits, written, read back, and run in a stock session.</summary>
internal static class ZooTrial
{
    private const string WrittenPrefix = "haq-zoo-";
    private const int CalibrationSamples = 4, ComparedSamples = 2;

    // Ranges from a few dozen numbers say nothing: small inputs get more samples.
    private const int SmallInput = 1 << 12, SamplesOfSmallInput = 96;

    /// <summary>Tries the graph; with <paramref name="junctions"/> sums, concatenations and averages are quantized too.</summary>
    public static ZooOutcome Run(string path, IReadOnlyDictionary<string, long[]> shapes, bool junctions = false, IReadOnlyDictionary<string, double[]>? ranges = null)
    {
        try
        {
            return Quantize(path, shapes, junctions, ranges ?? new Dictionary<string, double[]>());
        }
        // What we wrote must load: only the graph itself may be refused.
        catch (HaqException e) when (!e.Diagnostic.ToString().Contains(WrittenPrefix, StringComparison.Ordinal))
        {
            return new ZooOutcome(0, 0, "", e.Diagnostic.ToString());
        }
    }

    private static ZooOutcome Quantize(string path, IReadOnlyDictionary<string, long[]> shapes, bool junctions, IReadOnlyDictionary<string, double[]> ranges)
    {
        var prepared = QuantizableModel.Prepare(OnnxModel.Load(path), new PreparationOptions { InputShapes = shapes, Between = junctions ? BetweenLayers.Junctions : BetweenLayers.Float });
        var policy = Policy.Uniform(prepared.Layers.Length, new LayerBits(8, 8));
        var target = HardwareCatalog.Load("bismo-edge", ".");
        var costs = CostTable.Build(target, prepared.Survey.Quantizable, StoredParameters.FixedBits(prepared.View, prepared.Survey, prepared.Tables));
        Assert.True(costs.PriceWhole(policy).Cycles > 0);

        bool small = prepared.InputShapes.Values.Sum(s => s.Aggregate(1L, (a, b) => a * b)) <= SmallInput;
        using var noise = new RandomDataset(prepared.View, prepared.Shapes, small ? SamplesOfSmallInput : CalibrationSamples, ranges: ranges);
        var even = ActivationSmoothing.Apply(prepared, ActivationSmoothing.Choose(prepared, noise, layer => policy[layer]));
        var table = new Calibrator(even).Run(noise);
        var quantized = new PostTrainingQuantizer(even, table).Quantize(policy);
        string file = Path.Combine(Path.GetTempPath(), $"{WrittenPrefix}{Guid.NewGuid():n}.onnx");
        try
        {
            QdqExporter.Export(quantized).Save(file);
            return Compare(OnnxModel.Load(path), OnnxModel.Load(file), prepared, ranges);
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".data");
        }
    }

    private static ZooOutcome Compare(OnnxModel original, OnnxModel exported, QuantizableModel prepared, IReadOnlyDictionary<string, double[]> ranges)
    {
        Assert.Equal(original.Graph.Output.Select(o => o.Name), exported.Graph.Output.Select(o => o.Name));
        using var before = new OrtSession(original);
        using var after = new OrtSession(exported);
        Assert.Equal(before.Inputs.Select(i => (i.Name, i.Type)), after.Inputs.Select(i => (i.Name, i.Type)));
        Assert.Equal(before.Outputs.Select(o => (o.Name, o.Type)), after.Outputs.Select(o => (o.Name, o.Type)));
        string[] names = [.. before.Outputs.Where(o => ElementTypes.IsReal(o.Type)).Select(o => o.Name)];
        if (names.Length == 0) names = [.. before.Outputs.Where(o => ElementTypes.IsInteger(o.Type)).Select(o => o.Name)];
        using var unseen = new RandomDataset(prepared.View, prepared.Shapes, ComparedSamples, seed: 12, ranges);
        using var batch = new Batch(unseen, 1);
        double least = 1;
        string worst = "";
        for (int sample = 0; sample < ComparedSamples; sample++)
        {
            batch.Fill(unseen, [sample]);
            float[][] expected = Floats(before, batch, names), actual = Floats(after, batch, names);
            for (int i = 0; i < names.Length; i++)
            {
                Assert.Equal(expected[i].Length, actual[i].Length);
                Assert.All(actual[i], v => Assert.True(float.IsFinite(v), $"{names[i]} is not finite"));
                double cosine = Cosine(expected[i], actual[i]);
                if (cosine < least) (least, worst) = (cosine, names[i]);
            }
        }
        return new ZooOutcome(prepared.Layers.Length, least, worst, null);
    }

    private static float[][] Floats(OrtSession session, Batch batch, string[] names)
    {
        var inputs = session.Inputs.Where(i => batch.ByName.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => batch.ByName[i.Name], StringComparer.Ordinal);
        var tensors = session.Run(inputs, names);
        float[][] values = [.. tensors.Select(t => t.ToFloats())];
        foreach (var tensor in tensors) tensor.Dispose();
        return values;
    }

    private static double Cosine(float[] x, float[] y)
    {
        double dot = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            dot += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }
        return xx == 0 || yy == 0 ? (xx == yy ? 1 : 0) : dot / Math.Sqrt(xx * yy);
    }
}
