using System.Diagnostics;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>One model as its users run it, a sample at a time: the output that is measured, and how long a run takes.</summary>
internal sealed class ModelRuns : IDisposable
{
    private readonly OrtSession _session;
    private readonly IDataset _data;
    private readonly Batch _batch;
    private readonly string _output;
    private readonly List<double> _times = [];

    public ModelRuns(OnnxModel model, string output, SessionSettings settings, IDataset data)
    {
        (_data, _output, Rows) = (data, output, Batches.SizeFor(data, 1));
        _session = new OrtSession(model, settings);
        _batch = new Batch(data, Rows);
    }

    /// <summary>Samples of a run; more than one only where the model fixes its batch.</summary>
    public int Rows { get; }

    /// <summary>Timed runs so far.</summary>
    public int Count => _times.Count;

    public float[] OutputOf(int sample)
    {
        _batch.Fill(_data, [sample]);
        return Run();
    }

    public void WarmUp(int runs)
    {
        _batch.Fill(_data, [0]);
        for (int i = 0; i < runs; i++) Run();
    }

    public void Time()
    {
        long start = Stopwatch.GetTimestamp();
        Run();
        _times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / Rows);
    }

    /// <summary>What was timed.</summary>
    public RunTimes Summary()
    {
        double[] sorted = [.. _times.Order()];
        return new RunTimes(Quantile(0.5), (Quantile(0.75) - Quantile(0.25)) / 2, Rows, sorted.Length);

        double Quantile(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }

    public void Dispose()
    {
        _session.Dispose();
        _batch.Dispose();
    }

    private float[] Run()
    {
        using var output = _session.Run(_batch.ByName, [_output])[0];
        return output.ToFloats();
    }
}
