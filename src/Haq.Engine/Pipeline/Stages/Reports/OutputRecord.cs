using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
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
    private long _bytes;

    private OutputRecord(OnnxModel model, string[] outputs, List<float[][]> values) => (_model, _outputs, _values) = (model, outputs, values);

    /// <summary>Samples whose outputs are here.</summary>
    public int Samples => _values.Count;

    /// <summary>Of every sample, <paramref name="output"/>; null where the model has no such real output.</summary>
    public IEnumerable<float[]>? ValuesOf(string output) => Array.IndexOf(_outputs, output) is var at and >= 0 ? _values.Select(v => v[at]) : null;

    /// <summary>Runs the first <paramref name="samples"/> samples, one at a time where the model's batch is free.</summary>
    /// <exception cref="HaqException">The model cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OutputRecord Of(OnnxModel model, SessionSettings settings, IDataset data, int samples, CancellationToken cancellation) =>
        Of(model, settings, data, [.. Enumerable.Range(0, samples)], cancellation);

    /// <summary>Runs <paramref name="samples"/>, one at a time where the model's batch is free.</summary>
    /// <exception cref="HaqException">The model cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OutputRecord Of(OnnxModel model, SessionSettings settings, IDataset data, int[] samples, CancellationToken cancellation) =>
        SideBySide([model], settings, data, samples, cancellation)[0];

    /// <summary>Several models on the same samples, at the same time; as many samples of each.</summary>
    /// <exception cref="HaqException">A model cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OutputRecord[] SideBySide(OnnxModel[] models, SessionSettings settings, IDataset data, int[] samples, CancellationToken cancellation)
    {
        var sessions = new List<OrtSession>();
        try
        {
            foreach (var model in models) sessions.Add(new OrtSession(model, settings));
            OutputRecord[] records =
            [
                .. models.Zip(sessions, (model, session) => new OutputRecord(model, [.. session.Outputs.Where(o => ElementTypes.IsReal(o.Type)).Select(o => o.Name)], [])),
            ];
            using var batch = new Batch(data, Batches.SizeFor(data, 1));
            for (int s = 0; s < samples.Length && records.Any(r => r._outputs.Length > 0) && (s < Fewest || records.Sum(r => r._bytes) < MostBytes * records.Length); s++)
            {
                cancellation.ThrowIfCancellationRequested();
                batch.Fill(data, [samples[s]]);
                Parallel.For(0, records.Length, m => records[m].Add(sessions[m], batch));
            }
            return records;
        }
        catch (AggregateException e) when (ParallelFailure.Of(e) is HaqException cause)
        {
            throw new HaqException(cause.Diagnostic, cause);
        }
        finally
        {
            foreach (var session in sessions) session.Dispose();
        }
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

    /// <summary>
    /// The samples on which <paramref name="output"/> of <paramref name="other"/> is furthest from this record's, the furthest first, <paramref name="most"/> of them; none where this model picks by value, so
    /// that the worst sample says little.
    /// </summary>
    public int[] WorstSamples(OutputRecord other, string output, int most)
    {
        int o = Array.IndexOf(_outputs, output), at = Array.IndexOf(other._outputs, output);
        if (DecidedTensors.Of(_model).Count > 0) return [];
        double[] noises = Noises(o, other, at, [.. Enumerable.Range(0, Math.Min(_values.Count, other._values.Count))]);
        return [.. Enumerable.Range(0, noises.Length).OrderByDescending(s => noises[s]).Take(most)];
    }

    /// <summary>At least so much is the noise of a record of all samples whose values on <paramref name="samples"/> are those of <paramref name="some"/>: the worst of these.</summary>
    public double LeastNoiseOf(OutputRecord some, int[] samples)
    {
        double worst = 0;
        for (int o = 0; o < _outputs.Length; o++)
        {
            int at = Array.IndexOf(some._outputs, _outputs[o]);
            if (at >= 0) worst = Noises(o, some, at, samples).Aggregate(worst, Math.Max);
        }
        return worst;
    }

    private void Add(OrtSession session, Batch batch)
    {
        if (_outputs.Length == 0) return;
        var results = session.Run(batch.ByName, _outputs);
        _values.Add([.. results.Select(r => r.ToFloats())]);
        _bytes += _values[^1].Sum(v => (long)v.Length * sizeof(float));
        foreach (var result in results) result.Dispose();
    }

    private static double Median(double[] ascending) => ascending[(ascending.Length - 1) / 2];

    private OutputNoise Worst(OutputRecord other, Func<string, double[], double> noiseOf)
    {
        var worst = new OutputNoise("", 0);
        for (int o = 0; o < _outputs.Length; o++)
        {
            int at = Array.IndexOf(other._outputs, _outputs[o]);
            if (at < 0) continue;
            double[] noises = Noises(o, other, at, [.. Enumerable.Range(0, Math.Min(_values.Count, other._values.Count))]);
            Array.Sort(noises);
            if (noises.Length == 0 || noises[^1] <= worst.Power) continue;
            double noise = noiseOf(_outputs[o], noises);
            if (noise > worst.Power) worst = new OutputNoise(_outputs[o], noise);
        }
        return worst;
    }

    // Of this record's samples, which stand in the other one after another. A sample whose signal is less than the average is measured against the average: next to nothing may be off by
    // next to nothing.
    private double[] Noises(int output, OutputRecord other, int at, int[] samples)
    {
        double average = _values.Select(v => Power(v[output])).DefaultIfEmpty(0).Average();
        double[] noises = new double[Math.Min(samples.Length, other._values.Count)];
        for (int s = 0; s < noises.Length; s++)
        {
            float[] expected = _values[samples[s]][output];
            noises[s] = Difference(expected, other._values[s][at]) / Math.Max(Math.Max(Power(expected), average), 1e-30);
        }
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
