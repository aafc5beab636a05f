using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>The real outputs of a model on a few samples.</summary>
internal sealed class OutputRecord
{
    /// <summary>Outputs are kept up to here; after that fewer samples are compared, two at least.</summary>
    private const long MostBytes = 64 << 20;

    private const int Fewest = 2;

    private readonly string[] _outputs;
    private readonly List<float[][]> _values;
    private readonly OnnxModel _model;

    private OutputRecord(OnnxModel model, string[] outputs, List<float[][]> values) => (_model, _outputs, _values) = (model, outputs, values);

    /// <summary>Samples whose outputs are here.</summary>
    public int Samples => _values.Count;

    /// <summary>Runs the first <paramref name="samples"/> samples, one at a time where the model's batch is free.</summary>
    /// <exception cref="Diagnostics.HaqException">The model cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OutputRecord Of(OnnxModel model, SessionSettings settings, IDataset data, int samples, CancellationToken cancellation)
    {
        using var session = new OrtSession(model, settings);
        string[] outputs = [.. session.Outputs.Where(o => ElementTypes.IsReal(o.Type)).Select(o => o.Name)];
        var values = new List<float[][]>();
        long bytes = 0;
        using var batch = new Batch(data, Batches.SizeFor(data, 1));
        while (outputs.Length > 0 && values.Count < samples && (values.Count < Fewest || bytes < MostBytes))
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Fill(data, [values.Count]);
            var results = session.Run(batch.ByName, outputs);
            values.Add([.. results.Select(r => r.ToFloats())]);
            bytes += values[^1].Sum(v => (long)v.Length * sizeof(float));
            foreach (var result in results) result.Dispose();
        }
        return new OutputRecord(model, outputs, values);
    }

    /// <summary>
    /// The output of <paramref name="other"/> that is furthest from this record's, on the sample on which it is: a few ruined samples are seen. Where this model picks by value
    /// (<see cref="DecidedTensors"/>), rounding may pick other rows in some samples, and the median over them is taken.
    /// </summary>
    public OutputNoise NoiseOf(OutputRecord other)
    {
        IReadOnlySet<string>? decided = null;
        return Worst(other, (output, noises) => (decided ??= DecidedTensors.Of(_model)).Contains(output) ? Median(noises) : noises[^1]);
    }

    /// <summary>The output of <paramref name="other"/> that is furthest from this record's, in the median over the samples.</summary>
    public OutputNoise TypicalNoiseOf(OutputRecord other) => Worst(other, (_, noises) => Median(noises));

    private static double Median(double[] ascending) => ascending[(ascending.Length - 1) / 2];

    private OutputNoise Worst(OutputRecord other, Func<string, double[], double> noiseOf)
    {
        var worst = new OutputNoise("", 0);
        for (int o = 0; o < _outputs.Length; o++)
        {
            int at = Array.IndexOf(other._outputs, _outputs[o]);
            if (at < 0) continue;
            double[] noises = Noises(o, other, at);
            if (noises.Length == 0 || noises[^1] <= worst.Power) continue;
            double noise = noiseOf(_outputs[o], noises);
            if (noise > worst.Power) worst = new OutputNoise(_outputs[o], noise);
        }
        return worst;
    }

    // In ascending order. A sample whose signal is less than the average is measured against the average: next to nothing may be off by next to nothing.
    private double[] Noises(int output, OutputRecord other, int at)
    {
        int count = Math.Min(_values.Count, other._values.Count);
        double average = _values.Take(count).Select(v => Power(v[output])).DefaultIfEmpty(0).Average();
        double[] noises = new double[count];
        for (int s = 0; s < count; s++)
        {
            float[] expected = _values[s][output];
            noises[s] = Difference(expected, other._values[s][at]) / Math.Max(Math.Max(Power(expected), average), 1e-30);
        }
        Array.Sort(noises);
        return noises;
    }

    private static double Power(float[] values)
    {
        double power = 0;
        foreach (float value in values) if (float.IsFinite(value)) power += (double)value * value;
        return power;
    }

    // Different extents and empty outputs have nothing to compare.
    private static double Difference(float[] expected, float[] found)
    {
        if (expected.Length != found.Length) return 0;
        double noise = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            float a = expected[i], b = found[i];
            if (!a.Equals(b)) noise += ((double)a - b) * ((double)a - b);
        }
        return double.IsNaN(noise) ? double.PositiveInfinity : noise;
    }
}
