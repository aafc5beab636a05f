using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Measures policies on a pool of workers, as many at a time as there are, and gives the scores that one process measures by itself, to the bit: a batch's scores depend on the policy alone,
/// and what follows from them, also where a race ends, is decided here and in one order. What a worker loses is done again, what comes late or twice is ignored. One caller at a time.
/// </summary>
public sealed class DistributedEvaluator : IForesightedEvaluator, IDisposable
{
    // How often a wait looks whether workers came or went, or somebody is late.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly ScoringSubject _subject;
    private readonly DistributionOptions _options;
    private readonly TimeProvider _time;
    private readonly Agenda _agenda;
    private readonly HashSet<Flight> _flights = [];
    private IScoringPool _pool;
    private double _secondsPerBatch;
    private long? _idleSince;
    private bool _isSaid;
    private bool _isOver;

    /// <summary>Measures on the workers of <paramref name="pool"/>, which stays the caller's.</summary>
    public DistributedEvaluator(IScoringPool pool, ScoringSubject subject, DistributionOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(subject);
        (_pool, _subject, _options, _time) = (pool, subject, options ?? new DistributionOptions(), time ?? TimeProvider.System);
        _agenda = new Agenda(subject, _options);
    }

    /// <inheritdoc/>
    public PolicyScore Float => _subject.Float;

    /// <inheritdoc/>
    /// <exception cref="HaqException">No worker came in time (HAQ0505), work was lost again and again (HAQ0506), or a policy cannot be measured.</exception>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => Answer(policy, null, cancellation);

    /// <inheritdoc/>
    /// <inheritdoc cref="Evaluate(Policy, CancellationToken)" path="/exception"/>
    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rival);
        return Answer(policy, rival, cancellation);
    }

    /// <inheritdoc/>
    public void Announce(IReadOnlyList<EvaluationRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        lock (_gate)
        {
            _agenda.Announce(requests);
            GiveOut();
        }
    }

    /// <summary>Ends everything that is under way.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            foreach (var flight in _flights) flight.End();
            _flights.Clear();
        }
    }

    private PolicyScore Answer(Policy policy, Policy? rival, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            var question = _agenda.Ask(policy, rival);
            try
            {
                while (true)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (question.Decide() is { } answer) return answer;
                    if (question.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
                    GiveOut();
                    RequireWorkers();
                    Monitor.Wait(_gate, s_look);
                }
            }
            finally
            {
                _agenda.Settle();
                EndNeedless();
            }
        }
    }

    private void GiveOut()
    {
        if (_isOver) return;
        EndNeedless();
        int capacity = _pool.Capacity;
        while (_flights.Count < capacity && _agenda.Next(capacity, _flights.Sum(f => f.Batches.Length)) is { } piece) Launch(piece.Measurement, piece.Batches);
        if (_flights.Count < capacity && Overdue() is { } late)
        {
            late.IsDoubled = true;
            late.Measurement.TakeAgain(late.Batches);
            Launch(late.Measurement, late.Batches).IsDoubled = true;
        }
    }

    // Races that are decided, and what was announced no longer.
    private void EndNeedless()
    {
        if (_flights.Count == 0) return;
        var needed = _agenda.Needed();
        foreach (var flight in _flights.Where(f => !needed.Contains(f.Measurement) || !f.Measurement.Lacks(f.Batches)).ToList())
        {
            flight.End();
            _flights.Remove(flight);
            flight.Measurement.Return(flight.Batches, count: false);
        }
    }

    private Flight? Overdue()
    {
        if (_secondsPerBatch == 0) return null;
        foreach (var flight in _flights)
        {
            if (flight.IsDoubled || !_agenda.IsUrgent(flight.Measurement)) continue;
            double limit = Math.Max(_options.NeverLate.TotalSeconds, _options.Late * _secondsPerBatch * Math.Max(_options.LeastBatches, flight.Batches.Length));
            if (_time.GetElapsedTime(flight.Began).TotalSeconds > limit) return flight;
        }
        return null;
    }

    private Flight Launch(Measurement measurement, ImmutableArray<int> batches)
    {
        var flight = new Flight(measurement, batches, _time.GetTimestamp());
        _flights.Add(flight);
        var pool = _pool;
        // Not under the lock.
        _ = Task.Run(() => FlyAsync(flight, pool));
        return flight;
    }

    private async Task FlyAsync(Flight flight, IScoringPool pool)
    {
        var work = new ScoringWork(_subject.Digest, flight.Measurement.Policy, flight.Batches);
        var scoring = Task.Run(() => pool.ScoreAsync(work, flight.Ended)).WaitAsync(_options.Deadline, _time, flight.Ended);
        await ((Task)scoring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            // Otherwise it is late: nobody needs it any more.
            if (_flights.Remove(flight)) Land(flight, scoring);
            GiveOut();
            Monitor.PulseAll(_gate);
        }
    }

    private void Land(Flight flight, Task<SampleScore[]> scoring)
    {
        var measurement = flight.Measurement;
        string? problem = scoring.IsCompletedSuccessfully ? AnswerCheck.Problem(_subject, flight.Batches, scoring.Result) : Reason(scoring);
        if (scoring.IsCompletedSuccessfully && problem is null)
        {
            measurement.Put(flight.Batches, scoring.Result);
            double seconds = _time.GetElapsedTime(flight.Began).TotalSeconds / flight.Batches.Length;
            _secondsPerBatch = _secondsPerBatch == 0 ? seconds : 0.9 * _secondsPerBatch + 0.1 * seconds;
            return;
        }
        int losses = measurement.Return(flight.Batches, count: problem is not null);
        // A deadline ends what does not come by itself.
        flight.End();
        if (problem is null) measurement.Failure = scoring.Exception!.InnerException!;
        else if (losses > _options.MostLosses)
        {
            measurement.Failure = DiagnosticCatalog.WorkLost.Error((SourceLocation?)null, string.Create(CultureInfo.InvariantCulture,
                $"the same batches of a policy were lost {losses} times; the last time: {problem}. See the workers' logs; what was measured before is kept, and the next search goes on from there."));
        }
    }

    // Why it may be done again; null where it would fail again.
    private string? Reason(Task scoring) => scoring.Exception?.InnerException switch
    {
        WorkLostException lost => lost.Message,
        TimeoutException => string.Create(CultureInfo.InvariantCulture, $"no answer in {_options.Deadline.TotalSeconds:0} s"),
        null or OperationCanceledException => "the worker gave it up",
        _ => null,
    };

    private void RequireWorkers()
    {
        if (_pool.Capacity > 0 || _flights.Count > 0)
        {
            (_idleSince, _isSaid) = (null, false);
            return;
        }
        _idleSince ??= _time.GetTimestamp();
        string limit = string.Create(CultureInfo.InvariantCulture, $"{_options.WorkerWait.TotalSeconds:0} s");
        if (!_isSaid) _options.Messages?.Report($"no worker is there; waiting for one for up to {limit}");
        _isSaid = true;
        if (_time.GetElapsedTime(_idleSince.Value) < _options.WorkerWait) return;
        if (_options.Fallback is { } fallback && fallback != _pool)
        {
            _options.Messages?.Report($"no worker came in {limit}; going on in this process");
            _pool = fallback;
            return;
        }
        throw DiagnosticCatalog.NoWorker.Error((SourceLocation?)null,
            $"no worker came in {limit}. Start one, or search without a cluster; what was measured before is kept, and the next search goes on from there.");
    }
}
