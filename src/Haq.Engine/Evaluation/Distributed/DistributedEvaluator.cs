using System.Runtime.ExceptionServices;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Measures policies on a pool of workers, as many at a time as there are, and gives the scores that one process measures by itself, to the bit: a batch's scores depend on the policy alone,
/// and what follows from them, also where a race ends, is decided here and in one order. One caller at a time.
/// </summary>
public sealed class DistributedEvaluator : IForesightedEvaluator, IDisposable
{
    // How often a wait looks whether workers came or went, or somebody is late.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly ScoringSchedule _schedule;
    private readonly bool _ownsSchedule;
    private readonly ScoringSubject _subject;
    private readonly Agenda _agenda;

    /// <summary>Measures on the workers of <paramref name="pool"/>, which stays the caller's.</summary>
    public DistributedEvaluator(IScoringPool pool, ScoringSubject subject, DistributionOptions? options = null, TimeProvider? time = null)
        : this(new ScoringSchedule(pool, options, time), subject) => _ownsSchedule = true;

    /// <summary>Measures by a schedule that other evaluators of the same search use too; it stays the caller's.</summary>
    public DistributedEvaluator(ScoringSchedule schedule, ScoringSubject subject)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(subject);
        (_schedule, _subject, _agenda) = (schedule, subject, new Agenda(subject, schedule.Options));
        lock (schedule.Gate) schedule.Add(_agenda);
    }

    /// <inheritdoc/>
    public PolicyScore Float => _subject.Float;

    /// <inheritdoc/>
    public bool HasForesight => true;

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
        lock (_schedule.Gate)
        {
            _agenda.Announce(requests);
            _schedule.GiveOut();
        }
    }

    /// <summary>Ends what it has under way.</summary>
    public void Dispose()
    {
        lock (_schedule.Gate)
        {
            _agenda.Announce([]);
            _schedule.EndNeedless();
        }
        if (_ownsSchedule) _schedule.Dispose();
    }

    private PolicyScore Answer(Policy policy, Policy? rival, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        lock (_schedule.Gate)
        {
            var question = _agenda.Ask(policy, rival);
            try
            {
                while (true)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (question.Decide() is { } answer) return answer;
                    if (question.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
                    _schedule.GiveOut();
                    _schedule.RequireWorkers();
                    Monitor.Wait(_schedule.Gate, s_look);
                }
            }
            finally
            {
                _agenda.Settle();
                _schedule.EndNeedless();
            }
        }
    }
}
