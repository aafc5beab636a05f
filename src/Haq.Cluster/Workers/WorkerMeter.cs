using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Haq.Cluster.Workers;

/// <summary>What a worker did, as OpenTelemetry names things: <c>haq.worker.*</c> of the meter <c>Haq.Cluster</c>.</summary>
internal sealed class WorkerMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Haq.Cluster";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _pieces, _batches, _bytes;
    private readonly Histogram<double> _seconds;
    private readonly BusyShare _share;
    private long _done, _scored;
    private int _queued, _running;

    /// <param name="threads">How many pieces of work have a thread at a time.</param>
    /// <param name="time">Tells how long that was so.</param>
    public WorkerMeter(int threads, TimeProvider time)
    {
        _share = new BusyShare(threads, time);
        _pieces = _meter.CreateCounter<long>("haq.worker.pieces", "{piece}", "Pieces of work, each some batches of one policy, by outcome");
        _batches = _meter.CreateCounter<long>("haq.worker.batches", "{batch}", "Batches that were scored");
        _seconds = _meter.CreateHistogram<double>("haq.worker.duration", "s", "How long a piece of work took on its thread");
        _bytes = _meter.CreateCounter<long>("haq.worker.fetched", "By", "Bytes of subjects that were fetched, by where from");
        _meter.CreateObservableGauge("haq.worker.queue", () => Queued, "{piece}", "Pieces of work that wait for a thread");
        _meter.CreateObservableGauge("haq.worker.running", () => Running, "{piece}", "Pieces of work that have a thread");
        _meter.CreateObservableGauge("haq.worker.busy", () => Busy, "1", "Share of the threads' time that was work, over the last minute");
    }

    /// <summary>Pieces of work that wait for a thread.</summary>
    public int Queued => Volatile.Read(ref _queued);

    /// <summary>Pieces of work that have a thread.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Pieces done so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Batches scored so far.</summary>
    public long Scored => Interlocked.Read(ref _scored);

    /// <summary>Share of the threads' time that was work, over the last minute.</summary>
    public double Busy => _share.Now;

    public void Queue() => Interlocked.Increment(ref _queued);

    public void Leave() => Interlocked.Decrement(ref _queued);

    /// <summary>A piece gets its thread.</summary>
    /// <returns>When.</returns>
    public long Begin()
    {
        Leave();
        Interlocked.Increment(ref _running);
        _share.Begin();
        return Stopwatch.GetTimestamp();
    }

    public void End(long began, int batches, string outcome)
    {
        Interlocked.Decrement(ref _running);
        _share.End();
        _pieces.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _seconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        if (outcome != "done") return;
        Interlocked.Increment(ref _done);
        Interlocked.Add(ref _scored, batches);
        _batches.Add(batches);
    }

    public void Fetched(long bytes, string from) => _bytes.Add(bytes, new KeyValuePair<string, object?>("from", from));

    public void Dispose() => _meter.Dispose();
}
