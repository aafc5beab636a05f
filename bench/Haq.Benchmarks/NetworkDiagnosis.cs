using System.Globalization;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Networks;
using Haq.Engine.Tests.Zoo;

namespace Haq.Benchmarks;

/// <summary>Where the noise of one random network comes from: every layer alone at 8 bits, its weights alone, what it reads alone, and every tensor between layers alone.</summary>
internal static class NetworkDiagnosis
{
    private const int Samples = 32, Compared = 16;
    private static readonly Bitwidth s_eight = new(8), s_real = new(32);

    /// <summary>Prints a line a layer, noise in decibels of signal to noise, in the median over the samples.</summary>
    public static void Run(string kind, int number, bool junctions)
    {
        var model = RandomNetworks.Make(kind, number);
        foreach (var node in model.Graph.Node) Console.WriteLine($"  {node.OpType}({string.Join(", ", node.Input)}) -> {string.Join(", ", node.Output)}");
        var ready = QuantizableModel.Prepare(model, new PreparationOptions { Between = junctions ? BetweenLayers.Junctions : BetweenLayers.Float, Equalize = number % 4 == 2 });
        using var seen = new RandomDataset(ready.View, ready.Shapes, Samples, seed: 11);
        using var unseen = new RandomDataset(ready.View, ready.Shapes, Samples, seed: 12);
        var policy = Policy.Uniform(ready.Layers.Length, new LayerBits(8, 8));
        var even = ActivationSmoothing.Apply(ready, ActivationSmoothing.Choose(ready, seen, layer => policy[layer]));
        var table = new Calibrator(even).Run(seen);
        var quantizer = new PostTrainingQuantizer(even, table);
        var expected = OutputRecord.Of(model, PlainSession.For(model), unseen, Compared, CancellationToken.None);
        var whole = quantizer.Quantize(policy);
        Say("all", whole);
        foreach (var layer in whole.Layers)
        {
            if (layer.Found.IsLeftInFloat) continue;
            int index = layer.Found.Layer.Index;
            var range = layer.Activation;
            var histogram = table.HistogramOf(layer.Found.Input);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{layer.Found.Name} ({layer.Found.Node.OpType}) reads '{layer.Found.Input}' in {range?.Lowest:G4} to {range?.Highest:G4}, seen {histogram.Min:G4} to {histogram.Max:G4}"));
            Say("  alone", Only(index, new LayerBits(s_eight, s_eight)));
            Say("  its weights", Only(index, new LayerBits(s_eight, s_real)));
            Say("  what it reads", Only(index, new LayerBits(s_real, s_eight)));
        }
        foreach (var junction in whole.Junctions)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"between: '{junction.Junction.Tensor}' in {junction.Quantizer.Lowest:G4} to {junction.Quantizer.Highest:G4}"));
            Say("  alone", Only(-1, default) with { Junctions = [junction] });
        }

        QuantizedModel Only(int index, LayerBits bits)
        {
            var one = Policy.Uniform(ready.Layers.Length, new LayerBits(s_real, s_real));
            return quantizer.Quantize(index < 0 ? one : one.With(index, bits)) with { Junctions = [] };
        }

        void Say(string what, QuantizedModel quantized)
        {
            var exported = OnnxModel.Parse(QdqExporter.Export(quantized).ToBytes(), "exported.onnx");
            var noise = expected.TypicalNoiseOf(OutputRecord.Of(exported, PlainSession.For(model), unseen, Compared, CancellationToken.None));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {noise.Decibels:F1} dB"));
        }
    }
}
