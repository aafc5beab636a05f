using Haq.Engine.Evaluation;

namespace Haq.Engine.Search.Knapsack;

/// <summary>Scores every choice by itself, solves the knapsack over the scores, and measures the solution.</summary>
internal sealed class KnapsackStrategy(SearchOptions options) : ISearchStrategy
{
    /// <inheritdoc/>
    public string Name => "knapsack";

    /// <inheritdoc/>
    public SearchResult Search(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(evaluator);
        var affordable = Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        var run = new SearchRun(problem, evaluator, progress, SearchGoal.Of(problem, options.Quality, evaluator.Float), cancellation) { Phase = "scoring" };
        KnapsackSolution? solution = null;
        SensitivityScores? scores = null;
        bool completed = run.Completes(() =>
        {
            // An answer that an interruption can fall back on.
            foreach (var _ in run.MeasureAll([affordable], run.LooksAhead ? SensitivityScores.Probes(problem, evaluator) : null)) { }
            scores = SensitivityScores.Of(run);
            run.Phase = "verifying";
            if (problem.Objective == SearchObjective.Accuracy)
            {
                solution = scores.Solve(problem.Budget);
                run.Measure(solution.Policy);
            }
            else
            {
                var descent = new CostDescent(run, options.Quality, evaluator.Float);
                if (descent.Bisect(scores) is not null) descent.Narrow(scores);
            }
        });
        var result = run.Finish(completed) ?? throw CostDescent.OutOfReach(run, options.Quality, evaluator.Float);
        return result with { PredictedLoss = scores?.Table.Predict(result.Best), OptimalityGap = solution?.RelativeGap, Scores = scores?.Table };
    }
}
