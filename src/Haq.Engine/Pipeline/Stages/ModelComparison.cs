using System.Diagnostics;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>The float and the exported model side by side in ONNX Runtime on this machine: run time, and how far the outputs are apart.</summary>
internal sealed class ModelComparison(OnnxModel original, OnnxModel exported, IDataset data) : IDisposable
{
    private const int ComparedSamples = 64, WarmUp = 5, LeastRuns = 15, MostRuns = 200;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly OrtSession _original = new(original, PlainSession.Settings), _exported = new(exported, PlainSession.Settings);

    public OutputDifferenceFacts Difference(CancellationToken cancellation)
    {
        using var batch = new Batch(data, Batches.SizeFor(data, 1));
        double most = 0, sum = 0, signal = 0, noise = 0;
        long values = 0;
        int samples = Math.Min(ComparedSamples, data.Count);
        for (int sample = 0; sample < samples; sample++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Fill(data, [sample]);
            var (x, y) = (FirstFloats(_original.Run(batch.ByName)), FirstFloats(_exported.Run(batch.ByName)));
            for (int i = 0; i < x.Length; i++)
            {
                double difference = Math.Abs((double)x[i] - y[i]);
                most = Math.Max(most, difference);
                sum += difference;
                signal += (double)x[i] * x[i];
                noise += difference * difference;
            }
            values += x.Length;
        }
        return new OutputDifferenceFacts
        {
            MaxAbsolute = most,
            MeanAbsolute = values > 0 ? sum / values : 0,
            SqnrDb = noise > 0 && signal > 0 ? 10 * Math.Log10(signal / noise) : null,
            Samples = samples,
        };
    }

    /// <summary>One sample at a time, the two models in turn, so that a drift of the machine's speed meets both.</summary>
    public RunTimeFacts Time(CancellationToken cancellation)
    {
        int rows = Batches.SizeFor(data, 1);
        using var batch = new Batch(data, rows);
        batch.Fill(data, [0]);
        var inputs = batch.ByName;
        for (int i = 0; i < WarmUp; i++)
        {
            FirstFloats(_original.Run(inputs));
            FirstFloats(_exported.Run(inputs));
        }
        var (before, after) = (new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        while (before.Count < LeastRuns || (clock.Elapsed < s_patience && before.Count < MostRuns))
        {
            cancellation.ThrowIfCancellationRequested();
            before.Add(TimeOf(_original, inputs) / rows);
            after.Add(TimeOf(_exported, inputs) / rows);
        }
        return new RunTimeFacts
        {
            FloatMsPerImage = Quantile(before, 0.5),
            QuantizedMsPerImage = Quantile(after, 0.5),
            FloatSpreadMs = (Quantile(before, 0.75) - Quantile(before, 0.25)) / 2,
            QuantizedSpreadMs = (Quantile(after, 0.75) - Quantile(after, 0.25)) / 2,
            Threads = PlainSession.Settings.Threads,
            Batch = rows,
            Runs = before.Count,
        };
    }

    public void Dispose()
    {
        _original.Dispose();
        _exported.Dispose();
    }

    private static double TimeOf(OrtSession session, IReadOnlyDictionary<string, OrtTensor> inputs)
    {
        long start = Stopwatch.GetTimestamp();
        FirstFloats(session.Run(inputs));
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static float[] FirstFloats(OrtTensor[] outputs)
    {
        float[] floats = outputs[0].ToFloats();
        foreach (var output in outputs) output.Dispose();
        return floats;
    }

    private static double Quantile(List<double> values, double share)
    {
        values.Sort();
        return values[(int)Math.Round(share * (values.Count - 1))];
    }
}
