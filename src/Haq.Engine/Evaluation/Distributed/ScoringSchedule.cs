using System.Globalization;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Gives the work of one search to a pool. Its evaluators share it, each for a set of samples of its own: whoever is asked now comes first. What a worker loses is given out again; what comes
/// late or twice is ignored. For as many evaluators as there are, which are asked one at a time.
/// </summary>
public sealed class ScoringSchedule : IDisposable
{
    private static readonly TimeSpan s_shortRest = TimeSpan.FromMilliseconds(50), s_longRest = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly WorkInHand _work = new();
    private readonly IScoringPool _pool;
    private long? _idleSince, _refusedSince;
    private long _refusedAt;
    private TimeSpan _rest;
    private bool _isSaid;
    private bool _isOver;

    /// <summary>Gives work to <paramref name="pool"/>, which stays the caller's.</summary>
    public ScoringSchedule(IScoringPool pool, DistributionOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        (_pool, Options, _time) = (pool, options ?? new DistributionOptions(), time ?? TimeProvider.System);
    }

    /// <summary>How work is given out.</summary>
    internal DistributionOptions Options { get; }

    /// <summary>Is held by whoever changes anything, and pulsed when something came back.</summary>
    internal object Gate { get; } = new();

    /// <summary>An evaluator's work; under the gate.</summary>
    internal void Add(Agenda agenda) => _work.Add(agenda);

    /// <summary>Ends everything that is under way.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            _isOver = true;
            _work.End();
        }
    }

    /// <summary>Starts what can be started; under the gate.</summary>
    /// <exception cref="ObjectDisposedException">It is over.</exception>
    internal void GiveOut()
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        EndNeedless();
        if (_time.GetElapsedTime(_refusedAt) < _rest) return;
        int capacity = _pool.Capacity;
        while (_work.Begin(capacity, _time.GetTimestamp()) is { } flight) Launch(flight);
        if (_work.Flights.Count < capacity && Overdue() is { } late) Launch(_work.Double(late, _time.GetTimestamp()));
    }

    /// <summary>Ends what nobody needs: races that are decided, and what was announced no longer. Under the gate.</summary>
    internal void EndNeedless() => _work.EndNeedless();

    /// <summary>Waits for a worker no longer than it may; under the gate.</summary>
    /// <exception cref="HaqException">No worker came in time (HAQ0505).</exception>
    internal void RequireWorkers()
    {
        if (_pool.Capacity > 0 || _work.Flights.Count > 0)
        {
            (_idleSince, _isSaid) = (null, false);
            return;
        }
        _idleSince ??= _time.GetTimestamp();
        string limit = string.Create(CultureInfo.InvariantCulture, $"{Options.WorkerWait.TotalSeconds:0} s");
        if (!_isSaid) Options.Messages?.Report($"no worker is there; waiting for one for up to {limit}");
        _isSaid = true;
        if (_time.GetElapsedTime(_idleSince.Value) < Options.WorkerWait) return;
        throw DiagnosticCatalog.NoWorker.Error((SourceLocation?)null,
            $"no worker came in {limit}. Start one, or search without a cluster; what was measured before is kept, and the next search goes on from there.");
    }

    private Flight? Overdue()
    {
        foreach (var flight in _work.Flights)
        {
            if (flight.IsDoubled || flight.Agenda.SecondsPerBatch == 0 || !flight.Agenda.IsUrgent(flight.Measurement)) continue;
            double limit = Math.Max(Options.NeverLate.TotalSeconds, Options.Late * flight.Agenda.SecondsPerBatch * Math.Max(Options.LeastBatches, flight.Batches.Length));
            if (_time.GetElapsedTime(flight.Began).TotalSeconds > limit) return flight;
        }
        return null;
    }

    // Not under the lock.
    private void Launch(Flight flight) => _ = Task.Run(() => FlyAsync(flight));

    private async Task FlyAsync(Flight flight)
    {
        var work = new ScoringWork(flight.Agenda.Subject.Digest, flight.Measurement.Policy, flight.Batches)
        {
            Problem = scores => AnswerCheck.Problem(flight.Agenda.Subject, flight.Batches, scores),
        };
        var scoring = Task.Run(() => _pool.ScoreAsync(work, flight.Ended)).WaitAsync(Options.Deadline, _time, flight.Ended);
        await ((Task)scoring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (Gate)
        {
            // Otherwise it is late: nobody needs it any more.
            if (_work.Remove(flight)) Land(flight, scoring);
            if (!_isOver) GiveOut();
            Monitor.PulseAll(Gate);
        }
    }

    private void Land(Flight flight, Task<SampleScore[]> scoring)
    {
        var measurement = flight.Measurement;
        string? problem = scoring.IsCompletedSuccessfully ? AnswerCheck.Problem(flight.Agenda.Subject, flight.Batches, scoring.Result) : Reason(scoring);
        if (scoring.IsCompletedSuccessfully && problem is null)
        {
            (_refusedSince, _rest) = (null, TimeSpan.Zero);
            measurement.Put(flight.Batches, scoring.Result);
            flight.Agenda.Took(_time.GetElapsedTime(flight.Began).TotalSeconds / flight.Batches.Length);
            return;
        }
        bool wasBegun = scoring.Exception?.InnerException is not WorkLostException { WasBegun: false } || IsRefusedForLong();
        int losses = measurement.Return(flight.Batches, count: problem is not null && wasBegun);
        // A deadline ends what does not come by itself.
        flight.End();
        if (problem is null)
        {
            measurement.Failure = scoring.Exception!.InnerException!;
        }
        else if (losses > Options.MostLosses)
        {
            measurement.Failure = DiagnosticCatalog.WorkLost.Error((SourceLocation?)null, string.Create(CultureInfo.InvariantCulture,
                $"the same batches of a policy were lost {losses} times; the last time: {problem}. See the workers' logs; what was measured before is kept, and the next search goes on from there."));
        }
    }

    // Nobody took the work: whoever gave it to somebody that is gone learns so in a moment. Not at once again, and not for ever.
    private bool IsRefusedForLong()
    {
        _refusedAt = _time.GetTimestamp();
        _refusedSince ??= _refusedAt;
        _rest = _rest == TimeSpan.Zero ? s_shortRest : _rest * 2 < s_longRest ? _rest * 2 : s_longRest;
        return _time.GetElapsedTime(_refusedSince.Value) >= Options.WorkerWait;
    }

    // Why it may be done again; null where it would fail again.
    private string? Reason(Task scoring) => scoring.Exception?.InnerException switch
    {
        WorkLostException lost => lost.Message,
        TimeoutException => string.Create(CultureInfo.InvariantCulture, $"no answer in {Options.Deadline.TotalSeconds:0} s"),
        null or OperationCanceledException => "the worker gave it up",
        HaqException => null,
        var other => $"{other.GetType().Name}: {other.Message}",
    };
}
