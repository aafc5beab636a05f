using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>The real outputs of a model on a few samples.</summary>
internal sealed class OutputRecord
{
    private readonly string[] _outputs;
    private readonly float[][][] _values;

    private OutputRecord(string[] outputs, float[][][] values) => (_outputs, _values) = (outputs, values);

    /// <summary>Runs the first <paramref name="samples"/> samples, one at a time where the model's batch is free.</summary>
    /// <exception cref="Diagnostics.HaqException">The model cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OutputRecord Of(OnnxModel model, SessionSettings settings, IDataset data, int samples, CancellationToken cancellation)
    {
        using var session = new OrtSession(model, settings);
        string[] outputs = [.. session.Outputs.Where(o => ElementTypes.IsReal(o.Type)).Select(o => o.Name)];
        float[][][] values = new float[outputs.Length == 0 ? 0 : samples][][];
        using var batch = new Batch(data, Batches.SizeFor(data, 1));
        for (int s = 0; s < values.Length; s++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Fill(data, [s]);
            var results = session.Run(batch.ByName, outputs);
            values[s] = [.. results.Select(r => r.ToFloats())];
            foreach (var result in results) result.Dispose();
        }
        return new OutputRecord(outputs, values);
    }

    /// <summary>The output of <paramref name="other"/> that is furthest from this record's, in the median over the samples: rows that are picked by value may be other ones in some.</summary>
    public OutputNoise NoiseOf(OutputRecord other)
    {
        var worst = new OutputNoise("", 0);
        for (int o = 0; o < _outputs.Length; o++)
        {
            int at = Array.IndexOf(other._outputs, _outputs[o]);
            if (at < 0) continue;
            double[] noises = [.. _values.Select((outputs, s) => Noise(outputs[o], other._values[s][at])).Order()];
            double median = noises[(noises.Length - 1) / 2];
            if (median > worst.Power) worst = new OutputNoise(_outputs[o], median);
        }
        return worst;
    }

    // Different extents and empty outputs have nothing to compare.
    private static double Noise(float[] expected, float[] found)
    {
        if (expected.Length != found.Length) return 0;
        double signal = 0, noise = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            float a = expected[i], b = found[i];
            if (a.Equals(b)) continue;
            noise += ((double)a - b) * ((double)a - b);
        }
        if (noise == 0) return 0;
        foreach (float a in expected) if (float.IsFinite(a)) signal += (double)a * a;
        return double.IsFinite(noise) ? noise / Math.Max(signal, 1e-30) : double.PositiveInfinity;
    }
}
