using System.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>
/// One search under way: measures policies, keeps the best answer, reports every step, and ends it all when the time is up. What strategies share, so that interruption, time
/// limits and "the best ever measured wins" work alike in all of them.
/// </summary>
internal sealed class SearchRun
{
    // More than a timer can count.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    private readonly IPolicyEvaluator _evaluator;
    private readonly IProgress<SearchStep>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly SearchGoal _goal;
    private readonly Dictionary<Policy, PolicyScore> _measured = [];
    private readonly Dictionary<Policy, PolicyScore> _probed = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeLeft _timeLeft = new();

    /// <summary>Begins a search.</summary>
    public SearchRun(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, SearchGoal goal, CancellationToken cancellation)
    {
        (Problem, _evaluator, _progress, _goal, _cancellation) = (problem, evaluator, progress, goal, cancellation);
        Prober = new RunProber(this);
    }

    /// <summary>What is to be solved.</summary>
    public SearchProblem Problem { get; }

    /// <summary>How many steps are planned, for the estimate of the time left; null where that is not known.</summary>
    public int? Planned { get; set; }

    /// <summary>How many of them are the probes that scores take.</summary>
    public int PlannedProbes { get; init; }

    /// <summary>What the search is doing, for progress.</summary>
    public string Phase
    {
        get;
        set
        {
            if (value != field) _timeLeft.BeginPhase();
            field = value;
        }
    } = "";

    /// <summary>Candidates that have no chance are given up before they are measured to the end.</summary>
    public bool Races { get; init; }

    /// <summary>What was measured of candidates so far, in no order; partly where they had no chance.</summary>
    public IEnumerable<KeyValuePair<Policy, PolicyScore>> Candidates => _measured;

    /// <summary>Steps so far, probes and repeated policies included.</summary>
    public int Steps { get; private set; }

    /// <summary>Different candidates measured. Probes do not count: where scores are known already there are none, and the answer is the same.</summary>
    public int Measured => _measured.Count;

    /// <summary>The incumbent: the best policy measured so far; null before the first.</summary>
    public (Policy Policy, PolicyScore Score)? Incumbent { get; private set; }

    /// <summary>Measures probes within this search: reported, remembered, and ended with it.</summary>
    public IForesightedEvaluator Prober { get; }

    /// <summary>Somebody measures what is announced while other things are done: worth thinking ahead for.</summary>
    public bool LooksAhead => _evaluator is IForesightedEvaluator { HasForesight: true } || Problem.Probes is IForesightedEvaluator { HasForesight: true };

    /// <summary>Interrupted, or the time limit has passed.</summary>
    public bool IsOver => _cancellation.IsCancellationRequested || _clock.Elapsed >= Problem.TimeLimit;

    /// <summary>Does what takes long and cannot look at the time itself; its token fires when the search is over.</summary>
    /// <exception cref="OperationCanceledException">The search was over before it was done.</exception>
    public T Within<T>(Func<CancellationToken, T> work)
    {
        ThrowIfOver();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        if (Problem.TimeLimit - _clock.Elapsed is { } left && left < s_longest) ending.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        return work(ending.Token);
    }

    /// <summary>
    /// Names what will probably be measured next, in that order: candidates, and after them probes. It takes the place of what was announced before, and has no influence on any figure.
    /// </summary>
    public void Announce(IEnumerable<Policy> candidates, IEnumerable<Policy>? probes = null)
    {
        if (!LooksAhead) return;
        var rival = Rival;
        EvaluationRequest[] first = [.. candidates.Where(c => !_measured.ContainsKey(c)).Select(c => new EvaluationRequest(c, c.Equals(rival) ? null : rival))];
        Announce(first, [.. (probes ?? []).Select(p => new EvaluationRequest(p))]);
    }

    /// <summary>Measures candidates one after the other, as they are taken; those that are left, and what is to be probed after them, are announced each time.</summary>
    /// <exception cref="OperationCanceledException">The search is over.</exception>
    public IEnumerable<(Policy Policy, PolicyScore Score)> MeasureAll(IReadOnlyList<Policy> candidates, IReadOnlyList<Policy>? probes = null)
    {
        for (int i = 0; i < candidates.Count; i++)
        {
            Announce(candidates.Skip(i), probes);
            yield return (candidates[i], Measure(candidates[i]));
        }
    }

    /// <summary>The policy was measured as a candidate in this search.</summary>
    public bool Knows(Policy policy) => _measured.ContainsKey(policy);

    /// <summary>Measures a candidate, from memory where it was measured before.</summary>
    /// <exception cref="OperationCanceledException">The search is over.</exception>
    public PolicyScore Measure(Policy policy)
    {
        // One policy is always measured: a search that had no time still has an answer.
        if (_measured.Count > 0) ThrowIfOver();
        var score = Score(policy, _evaluator, _measured);
        var cost = Problem.Costs.PriceWhole(policy);
        bool isIncumbent = !score.StoppedEarly && _goal.Admits(cost, score)
            && (Incumbent is not { } best || _goal.Better(new(policy, cost, score), new(best.Policy, Problem.Costs.PriceWhole(best.Policy), best.Score)));
        if (isIncumbent) Incumbent = (policy, score);
        Report(policy, score, isIncumbent, isProbe: false);
        return score;
    }

    /// <summary>Runs a search's body; true where it came to its end, false where the search was over before and the best answer so far stands.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted before there was any answer.</exception>
    public bool Completes(Action body)
    {
        try
        {
            body();
            return true;
        }
        catch (OperationCanceledException) when (Incumbent is not null || !_cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The least that any candidate lost, by a measure of loss; null where none was measured.</summary>
    public double? LeastDrop(Func<PolicyScore, double> drop) => _measured.Values.Where(s => !s.StoppedEarly).Select(drop).Cast<double?>().Min();

    /// <summary>The end: the best answer measured; null where there is none.</summary>
    public SearchResult? Finish(bool completed) =>
        Incumbent is { } best ? new SearchResult(best.Policy, Problem.Costs.PriceWhole(best.Policy), best.Score, Measured, completed) { EndedIn = completed ? null : Phase } : null;

    private void Announce(IReadOnlyList<EvaluationRequest> candidates, IReadOnlyList<EvaluationRequest> probes)
    {
        probes = [.. probes.Where(p => !_probed.ContainsKey(p.Policy))];
        (Problem.Probes as IForesightedEvaluator)?.Announce(probes);
        (_evaluator as IForesightedEvaluator)?.Announce(Problem.Probes is null ? [.. candidates, .. probes] : candidates);
    }

    private PolicyScore Probe(Policy policy)
    {
        ThrowIfOver();
        var score = Score(policy, Problem.Probes ?? _evaluator, _probed);
        Report(policy, score, isIncumbent: false, isProbe: true);
        return score;
    }

    private PolicyScore Score(Policy policy, IPolicyEvaluator evaluator, Dictionary<Policy, PolicyScore> known)
    {
        if (known.TryGetValue(policy, out var score)) return score;
        _cancellation.ThrowIfCancellationRequested();
        score = known == _measured && Rival is { } rival && evaluator is IRacingEvaluator racing
            ? racing.Evaluate(policy, rival, _cancellation)
            : MeasuredToTheEnd(policy, known == _measured ? _probed : _measured) ?? evaluator.Evaluate(policy, _cancellation);
        known.Add(policy, score);
        return score;
    }

    // Whether a candidate was probed before changes how long it takes, and nothing of the answer.
    private PolicyScore? MeasuredToTheEnd(Policy policy, Dictionary<Policy, PolicyScore> others) =>
        Problem.Probes is null && others.TryGetValue(policy, out var score) && !score.StoppedEarly ? score : null;

    // Where the least loss wins, a policy need not be measured further than it takes to see that it is above the best one's.
    private Policy? Rival => Races && Incumbent is { } best && _goal.RacesAgainst?.Invoke(best.Score) == true ? best.Policy : null;

    private void ThrowIfOver()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (IsOver) throw new OperationCanceledException("the time limit has passed");
    }

    private void Report(Policy policy, PolicyScore score, bool isIncumbent, bool isProbe)
    {
        Steps++;
        _timeLeft.Add(isProbe, _clock.Elapsed);
        _progress?.Report(new SearchStep(Steps, Planned, policy, isProbe && !Problem.Costs.Prices(policy) ? default : Problem.Costs.PriceWhole(policy), score, isIncumbent)
        {
            Phase = Phase, IsProbe = isProbe, Elapsed = _clock.Elapsed, Remaining = Remaining(),
        });
    }

    private TimeSpan? Remaining()
    {
        if (Planned is not { } planned) return Problem.TimeLimit - _clock.Elapsed;
        if (_timeLeft.Estimate(PlannedProbes, Math.Max(0, planned - Steps)) is not { } left) return null;
        var limit = Problem.TimeLimit - _clock.Elapsed;
        return limit < left ? limit : left;
    }

    private sealed class RunProber(SearchRun run) : IForesightedEvaluator
    {
        public PolicyScore Float => (run.Problem.Probes ?? run._evaluator).Float;

        public bool HasForesight => run.LooksAhead;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => run.Probe(policy);

        // What a change does is measured to the end.
        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => run.Probe(policy);

        public void Announce(IReadOnlyList<EvaluationRequest> requests) => run.Announce([], requests);
    }
}
