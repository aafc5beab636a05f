using System.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>
/// One search under way: measures policies, keeps the best affordable one, reports every step, and says when the time is up. What strategies share, so that
/// interruption, time limits and "the best ever measured wins" work alike in all of them.
/// </summary>
internal sealed class SearchRun
{
    private readonly IPolicyEvaluator _evaluator;
    private readonly IProgress<SearchStep>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly Func<PolicyScore, PolicyScore, bool> _better;
    private readonly Dictionary<Policy, PolicyScore> _measured = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Begins a search; <paramref name="better"/> says whether the first score beats the second.</summary>
    public SearchRun(
        SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, Func<PolicyScore, PolicyScore, bool> better, CancellationToken cancellation)
    {
        (Problem, _evaluator, _progress, _better, _cancellation) = (problem, evaluator, progress, better, cancellation);
    }

    /// <summary>What is to be solved.</summary>
    public SearchProblem Problem { get; }

    /// <summary>How many steps are planned, for the estimate of the time left; null where that is not known.</summary>
    public int? Planned { get; set; }

    /// <summary>What the search is doing, for progress.</summary>
    public string Phase { get; set; } = "";

    /// <summary>Steps so far, repeated policies included.</summary>
    public int Steps { get; private set; }

    /// <summary>Different policies measured.</summary>
    public int Measured => _measured.Count;

    /// <summary>The best affordable policy measured; null before the first.</summary>
    public (Policy Policy, PolicyScore Score)? Best { get; private set; }

    /// <summary>Time since the search began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Interrupted, or the time limit has passed.</summary>
    public bool IsOver => _cancellation.IsCancellationRequested || _clock.Elapsed >= Problem.TimeLimit;

    /// <summary>Every policy measured so far with its score, in no particular order.</summary>
    public IReadOnlyDictionary<Policy, PolicyScore> All => _measured;

    /// <summary>The policy was measured in this search.</summary>
    public bool Knows(Policy policy) => _measured.ContainsKey(policy);

    /// <summary>
    /// Measures a policy, from memory where it was measured before. False where the search was interrupted while it did; the best so far then stands.
    /// </summary>
    /// <exception cref="OperationCanceledException">Interrupted before any affordable policy was measured.</exception>
    public bool TryMeasure(Policy policy, out PolicyScore score)
    {
        if (!_measured.TryGetValue(policy, out score!))
        {
            try
            {
                _cancellation.ThrowIfCancellationRequested();
                score = _evaluator.Evaluate(policy, _cancellation);
            }
            catch (OperationCanceledException) when (Best is not null)
            {
                score = Best.Value.Score;
                return false;
            }
            _measured.Add(policy, score);
        }
        Steps++;
        var cost = Problem.Costs.Price(policy);
        bool isBest = Problem.Budget.Admits(cost) && (Best is not { } best || _better(score, best.Score));
        if (isBest) Best = (policy, score);
        _progress?.Report(new SearchStep(Steps, Planned, policy, cost, score, isBest) { Phase = Phase, Elapsed = _clock.Elapsed, Remaining = Remaining() });
        return true;
    }

    /// <summary>The end: the best policy measured.</summary>
    /// <exception cref="OperationCanceledException">No affordable policy was measured.</exception>
    public SearchResult Finish(bool completed)
    {
        if (Best is not { } best) throw new OperationCanceledException("the search ended before any affordable policy was measured", _cancellation);
        return new SearchResult(best.Policy, Problem.Costs.Price(best.Policy), best.Score, Measured, completed && !IsOver);
    }

    private TimeSpan? Remaining()
    {
        if (Planned is not { } planned) return Problem.TimeLimit - _clock.Elapsed;
        var left = _clock.Elapsed / Steps * Math.Max(0, planned - Steps);
        var limit = Problem.TimeLimit - _clock.Elapsed;
        return limit < left ? limit : left;
    }

    /// <summary>Less loss is better.</summary>
    public static bool LessLoss(PolicyScore a, PolicyScore b) => a.Loss < b.Loss;
}
