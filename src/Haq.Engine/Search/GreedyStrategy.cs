using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>
/// Promotion by sensitivity alone, as AMD Quark's automatic mixed precision documents it: everything starts at its narrowest activations, and tensors are widened one after another, the most sensitive
/// first, whatever they cost. With a cost as the objective it ends as soon as the accuracy limit is kept, otherwise where the next promotion would not be affordable. A baseline to compare with.
/// </summary>
internal sealed class GreedyStrategy(SearchOptions options) : ISearchStrategy
{
    /// <inheritdoc/>
    public string Name => "greedy";

    /// <inheritdoc/>
    public SearchResult Search(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(evaluator);
        var affordable = Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        var run = new SearchRun(problem, evaluator, progress, SearchGoal.Of(problem, options.Quality, evaluator.Float), cancellation) { Phase = "scoring" };
        SensitivityScores? scores = null;
        bool completed = run.Completes(() =>
        {
            if (problem.Sensitivity is null) run.Measure(affordable);
            scores = SensitivityScores.Of(run);
            run.Phase = "promotion";
            Policy[] path = [.. Path(problem, scores).TakeWhile((p, i) => i == 0 || problem.Budget.Admits(problem.Costs.Price(p)))];
            if (!problem.Budget.Admits(problem.Costs.Price(path[0]))) path = [affordable];
            if (problem.Objective == SearchObjective.Accuracy) run.Measure(path[^1]);
            else First(run, path, new CostDescent(run, scores, options.Quality, evaluator.Float));
        });
        var result = run.Finish(completed) ?? throw CostDescent.OutOfReach(run, options.Quality, evaluator.Float);
        return result with { PredictedLoss = scores?.Table.Predict(result.Best), Scores = scores?.Table };
    }

    /// <summary>The policies on the way: all at the narrowest activations and widest weights, then one group after another at its widest, by what its narrowest is scored at.</summary>
    private static IEnumerable<Policy> Path(SearchProblem problem, SensitivityScores scores)
    {
        var space = problem.Space;
        var bits = new LayerBits[space.Layers];
        foreach (var group in space.Groups) Set(group, space.ActivationsOf(group[0])[0]);
        yield return new Policy([.. bits]);
        foreach (var group in space.Groups.Where(g => space.ActivationsOf(g[0]).Length > 1)
            .OrderByDescending(g => g.Sum(i => scores.Table.Of(i, bits[i]) - scores.Table.Of(i, bits[i] with { Activations = space.ActivationsOf(i)[^1] }))))
        {
            Set(group, space.ActivationsOf(group[0])[^1]);
            yield return new Policy([.. bits]);
        }

        void Set(IEnumerable<int> group, Bitwidth activations)
        {
            foreach (int member in group) bits[member] = new LayerBits(space.WeightsOf(member, activations)[^1], activations);
        }
    }

    // The first on the way that keeps the limit, by halving: what is promoted never comes back.
    private static void First(SearchRun run, Policy[] path, CostDescent descent)
    {
        int low = 0, high = path.Length - 1;
        if (!descent.Keeps(run.Measure(path[high]))) return;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (descent.Keeps(run.Measure(path[middle]))) high = middle;
            else low = middle + 1;
        }
    }
}
