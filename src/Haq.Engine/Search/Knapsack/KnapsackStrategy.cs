using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;

namespace Haq.Engine.Search.Knapsack;

/// <summary>Scores every choice by itself, solves the knapsack over the scores, and measures the solution.</summary>
internal sealed class KnapsackStrategy : ISearchStrategy
{
    /// <inheritdoc/>
    public string Name => "knapsack";

    /// <inheritdoc/>
    public SearchResult Search(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(evaluator);
        Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        var scores = problem.Sensitivity ?? Score(problem, evaluator, cancellation);
        var solution = new PolicyKnapsack(problem.Space, problem.Costs, problem.Budget, scores.Of).Solve()
            ?? throw new InvalidOperationException("the budget was found affordable before");
        var run = new SearchRun(problem, evaluator, progress, SearchRun.LessLoss, cancellation) { Planned = 1, Phase = "verifying" };
        run.TryMeasure(solution.Policy, out _);
        return run.Finish(completed: true) with { PredictedLoss = scores.Predict(solution.Policy), OptimalityGap = solution.RelativeGap };
    }

    internal static SensitivityTable Score(SearchProblem problem, IPolicyEvaluator evaluator, CancellationToken cancellation) =>
        new ProbeScorer(evaluator).Score([.. Enumerable.Range(0, problem.Space.Layers).Select(i => problem.Space.ChoicesOf(i).ToArray())], problem.Space.Groups, cancellation);
}
