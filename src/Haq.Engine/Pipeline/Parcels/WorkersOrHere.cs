using System.Collections.Concurrent;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Engine.Pipeline.Parcels;

/// <summary>Workers elsewhere as long as there are any; where there was none for a while, this process, until one comes.</summary>
internal sealed class WorkersOrHere : IScoringPool
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly IScoringPools _workers;
    private readonly ISubjectPool _there;
    private readonly int _threads;
    private readonly ConcurrentDictionary<string, Lazy<IScoringPool>> _here = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private long _aloneSince;
    private bool _isAlone, _isSaid;

    /// <param name="workers">Who scores elsewhere.</param>
    /// <param name="threads">How many pieces of work this process does at a time.</param>
    /// <param name="time">Tells how long nobody was there.</param>
    public WorkersOrHere(IScoringPools workers, int threads, TimeProvider? time = null)
    {
        (_workers, _there, _threads, _time) = (workers, workers.Open(), threads, time ?? TimeProvider.System);
        _aloneSince = _time.GetTimestamp();
    }

    /// <summary>Adds a subject, which stays the caller's.</summary>
    /// <param name="parcel">The subject.</param>
    /// <param name="here">Makes what scores on it in this process.</param>
    public void Add(SubjectParcel parcel, Func<IScoringPool> here)
    {
        _here.TryAdd(parcel.Digest, new Lazy<IScoringPool>(here));
        _there.Add(parcel);
    }

    /// <summary>A worker is there now.</summary>
    public bool HasWorkers => _workers.Workers > 0;

    /// <summary>Waits for a first worker, unless that was done in vain before and none has come since.</summary>
    /// <returns>False where none is there: this process does the work until one comes, which is said.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool WaitForWorkers(CancellationToken cancellation)
    {
        while (!HasWorkers)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_workers.IsGivenUp || _time.GetElapsedTime(Volatile.Read(ref _aloneSince)) >= _workers.Wait)
            {
                _workers.IsGivenUp = true;
                SayOnce();
                return false;
            }
            cancellation.WaitHandle.WaitOne(s_look);
        }
        _workers.IsGivenUp = false;
        Volatile.Write(ref _aloneSince, _time.GetTimestamp());
        return true;
    }

    public int Capacity
    {
        get
        {
            int there = _there.Capacity;
            bool isAlone = there == 0 && (_workers.IsGivenUp || _time.GetElapsedTime(Volatile.Read(ref _aloneSince)) >= _workers.Wait);
            Volatile.Write(ref _isAlone, isAlone);
            if (there > 0) Volatile.Write(ref _aloneSince, _time.GetTimestamp());
            if (isAlone || there > 0) _workers.IsGivenUp = isAlone;
            if (!isAlone) return there;
            SayOnce();
            return _threads;
        }
    }

    public Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation) =>
        Volatile.Read(ref _isAlone) ? _here[work.Subject].Value.ScoreAsync(work, cancellation) : _there.ScoreAsync(work, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _there.DisposeAsync().ConfigureAwait(false);
        foreach (var pool in _here.Values)
            if (pool.IsValueCreated) await pool.Value.DisposeAsync().ConfigureAwait(false);
    }

    private void SayOnce()
    {
        if (Interlocked.Exchange(ref _isSaid, true)) return;
        _workers.Warn(DiagnosticCatalog.ClusterAside.At(null, string.Create(CultureInfo.InvariantCulture,
            $"no worker of the cluster {_workers.Said} was there for {_workers.Wait.TotalSeconds:0.#} s, so that this process does the work until one comes. The result is the same.")));
    }
}
