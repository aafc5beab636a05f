using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>Runs two models side by side in stock sessions, a sample at a time.</summary>
internal static class AgreementMeter
{
    /// <summary>How far the outputs that are numbers are apart.</summary>
    /// <param name="before">One model.</param>
    /// <param name="after">The other.</param>
    /// <param name="data">What they are run on.</param>
    /// <param name="samples">How many of them.</param>
    /// <param name="widens">Sums of products of int8 weights do not saturate at 16 bits, as they do by default on x64 processors without VNNI.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ImmutableArray<OutputAgreement> Measure(OnnxModel before, OnnxModel after, IDataset data, int samples, bool widens, CancellationToken cancellation)
    {
        var settings = PlainSession.For(before);
        if (widens) settings = settings with { Entries = settings.Entries.Add("session.x64quantprecision", "1") };
        using var old = new OrtSession(before, settings);
        using var fresh = new OrtSession(after, settings);
        string[] names = [.. old.Outputs.Where(o => ElementTypes.IsReal(o.Type) || ElementTypes.IsInteger(o.Type)).Select(o => o.Name)];
        var sums = names.Select(n => new Sum(n)).ToArray();
        using var batch = new Batch(data, Batches.SizeFor(data, 1));
        for (int sample = 0; sample < samples; sample++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Fill(data, [sample]);
            OrtTensor[] expected = old.Run(batch.ByName, names), actual = fresh.Run(batch.ByName, names);
            for (int i = 0; i < names.Length; i++)
            {
                sums[i].Add(expected[i].ToFloats(), actual[i].ToFloats());
                expected[i].Dispose();
                actual[i].Dispose();
            }
        }
        return [.. sums.Select(s => s.Agreement)];
    }

    private sealed class Sum(string output)
    {
        private double _most, _cosines;
        private long _values, _different;
        private int _samples;

        public OutputAgreement Agreement => new(output, _most, _samples == 0 ? 1 : _cosines / _samples, _values, _different);

        public void Add(float[] expected, float[] actual)
        {
            _samples++;
            _values += Math.Max(expected.Length, actual.Length);
            // Rows that are picked by value may be other ones, and then no number belongs to another.
            if (expected.Length != actual.Length)
            {
                (_most, _different) = (double.PositiveInfinity, _different + Math.Max(expected.Length, actual.Length));
                return;
            }
            double dot = 0, xx = 0, yy = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i])) _different++;
                if (expected[i] != actual[i]) _most = Math.Max(_most, Math.Abs((double)expected[i] - actual[i]));
                dot += (double)expected[i] * actual[i];
                xx += (double)expected[i] * expected[i];
                yy += (double)actual[i] * actual[i];
            }
            _cosines += xx == 0 || yy == 0 ? (xx == yy ? 1 : 0) : Math.Min(1, dot / Math.Sqrt(xx * yy));
        }
    }
}
