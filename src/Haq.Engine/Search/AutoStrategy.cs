using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Search.Ddpg;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>
/// The default: the best of several knapsack solutions by measured loss, those of the surrogate as measuring corrects it, re-probing around the best, local search where re-probing ends, and where
/// asked HAQ's agent around what that found. Where a cost is to be least and activations above 8 bits are the only choice, a fixed order of narrowing takes their place.
/// The best policy ever measured wins, so that more measurements never give a worse answer on the search set.
/// </summary>
internal sealed class AutoStrategy(SearchOptions options) : ISearchStrategy
{
    // Scores to these powers: a sum of scores overrates single great ones where damages saturate, and underrates many small ones where they compound.
    private static readonly double[] s_exponents = [1, 0.75, 0.5, 0.35, 0.25];

    // After so many solutions of the corrected surrogate that did not help, it has said what it can.
    private const int MostCorrectionFailures = 4;

    // Re-probing costs a hundred probes: what local search found must be worth another round.
    private const double WorthReprobing = 0.01;

    // Halving a sequence of a few hundred tensors twice, for the estimate of the time left.
    private const int NarrowingSteps = 20;

    // How much the dual objective tries to save at a time, as a share of the cost.
    private static readonly double[] s_savings = [0.08, 0.04, 0.02];

    /// <inheritdoc/>
    public string Name => "auto";

    /// <inheritdoc/>
    public SearchResult Search(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(evaluator);
        var affordable = Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        int probes = SensitivityScores.ProbesOf(problem, evaluator);
        var limit = new AccuracyLimit(problem, options.Quality, evaluator.Float);
        bool narrows = problem.Objective != SearchObjective.Accuracy && NarrowingOrder.Serves(problem);
        var goal = narrows ? SearchGoal.LeastCost(problem, limit) : SearchGoal.Of(problem, options.Quality, evaluator.Float);
        var run = new SearchRun(problem, evaluator, progress, goal, cancellation)
        {
            Planned = (narrows ? NarrowingSteps : options.Evaluations) + probes, PlannedProbes = probes, Races = problem.Objective == SearchObjective.Accuracy,
        };
        SensitivityScores? scores = null;
        double? gap = null;
        bool completed = run.Completes(() =>
        {
            if (narrows) NarrowingOrder.Require(limit, evaluator.Evaluate(problem.Space.Widest, cancellation));
            run.Phase = "uniform policies";
            Policy[] uniform = [affordable, .. UniformPolicies.Within(problem.Space, problem.Costs, problem.Budget)];
            foreach (var _ in run.MeasureAll(uniform, run.LooksAhead ? SensitivityScores.Probes(problem, evaluator) : null)) { }
            run.Phase = "scoring";
            scores = SensitivityScores.Of(run);
            run.Phase = "knapsack";
            gap = scores.Solve(problem.Budget).RelativeGap;
            int last = run.Steps + options.Evaluations;
            if (problem.Objective == SearchObjective.Accuracy) Refine(run, scores, problem.Budget, last);
            else if (!narrows || !NarrowingOrder.Of(run, scores.Table).Descend(run, limit)) Descend(run, scores, evaluator.Float, last);
        });
        var result = run.Finish(completed) ?? throw CostDescent.OutOfReach(run, options.Quality, evaluator.Float);
        return result with { PredictedLoss = scores?.Table.Predict(result.Best), OptimalityGap = gap, Scores = scores?.Table };
    }

    // The least loss within a budget that can be had until the run's step number `last`.
    private (Policy Policy, PolicyScore Score) Refine(SearchRun run, SensitivityScores scores, Hardware.Budget budget, int last)
    {
        var surrogate = new CorrectedScores(run.Problem, scores.Table);
        var neighbourhood = new Neighbourhood(run, scores.Table, budget);
        var current = Corrected(run, surrogate, neighbourhood, budget, last, Seed(run, scores, surrogate, neighbourhood, budget, last));
        double before;
        do
        {
            before = current.Score.Loss;
            run.Phase = "re-probing";
            current = neighbourhood.Reprobe(current, last);
            double reprobed = current.Score.Loss;
            run.Phase = "local search";
            current = neighbourhood.Swap(current, last);
            before = Math.Min(before, reprobed);
        }
        while (run.Steps < last && current.Score.Loss < before * (1 - WorthReprobing));
        if (!options.ExploresByAgent) return current;
        run.Phase = "agent";
        return new AgentExploration(run, budget, surrogate, options).Explore(current);
    }

    // The best of the knapsack's solutions and the uniform policies.
    private static (Policy Policy, PolicyScore Score) Seed(
        SearchRun run, SensitivityScores scores, CorrectedScores surrogate, Neighbourhood neighbourhood, Hardware.Budget budget, int last)
    {
        var problem = run.Problem;
        run.Phase = "knapsack";
        (Policy Policy, PolicyScore Score)? best = null;
        var seeds = s_exponents.Select(exponent => scores.Solve(budget, exponent).Policy)
            .Concat(UniformPolicies.Within(problem.Space, problem.Costs, budget))
            .Append(Affordability.Policy(problem.Space, problem.Costs, budget));
        Policy[] candidates = [.. seeds.Distinct()];
        // Re-probing will mostly begin around one of them.
        Policy[] probes = run.LooksAhead ? [.. candidates.SelectMany(seed => neighbourhood.Around(seed, last)).Distinct()] : [];
        foreach (var (seed, score) in run.MeasureAll(candidates, probes))
        {
            surrogate.Learn(seed, score.Loss);
            if (!score.StoppedEarly && (best is null || score.Loss < best.Value.Score.Loss)) best = (seed, score);
        }
        // The first one had no rival, or one that is among the seeds.
        return best!.Value;
    }

    // Solves, measures, corrects, and solves again.
    private static (Policy Policy, PolicyScore Score) Corrected(
        SearchRun run, CorrectedScores surrogate, Neighbourhood neighbourhood, Hardware.Budget budget, int last, (Policy Policy, PolicyScore Score) current)
    {
        run.Phase = "corrected knapsack";
        for (int failures = 0; failures < MostCorrectionFailures && run.Steps < last;)
        {
            if (surrogate.Solve(budget) is not { } policy || run.Knows(policy)) break;
            // Where none of them is better, re-probing begins around the best one known now.
            if (run.LooksAhead) run.Announce([policy], neighbourhood.Around(current.Policy, last));
            var score = run.Measure(policy);
            surrogate.Learn(policy, score.Loss);
            if (score.StoppedEarly || score.Loss >= current.Score.Loss) failures++;
            else (current, failures) = ((policy, score), 0);
        }
        return current;
    }

    private void Descend(SearchRun run, SensitivityScores scores, PolicyScore original, int last)
    {
        run.Phase = "narrowing the budget";
        var descent = new CostDescent(run, options.Quality, original);
        if (descent.Bisect(scores) is not { } found)
        {
            Refine(run, scores, run.Problem.Budget, last);
            return;
        }
        double cost = found.Kept;
        foreach (double saving in s_savings)
        {
            while (run.Steps < last && cost * (1 - saving) > descent.Floor())
            {
                var refined = Refine(run, scores, descent.At(cost * (1 - saving)), Math.Min(last, run.Steps + (options.Evaluations + 2) / 3));
                if (!descent.Keeps(refined.Score)) break;
                cost = descent.CostOf(refined.Policy);
            }
        }
        descent.Narrow(scores);
    }
}
