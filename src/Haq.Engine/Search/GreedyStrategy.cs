using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>
/// Promotion by sensitivity alone, as AMD Quark's automatic mixed precision does it (amd/Quark, <c>quark/onnx/algorithm/mprecision</c>): everything starts at its narrowest activations; each tensor
/// is widened alone and the network measured; then they are widened one after another, those first that alone bring it nearest to the float network, and measured after each. With a cost as the
/// objective it ends as soon as the accuracy limit is kept, otherwise where the next promotion would not be affordable. What a promotion costs has no part in the order. A baseline to compare with.
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
        var start = Narrowest(problem.Space);
        var groups = problem.Space.Groups.Where(g => problem.Space.ActivationsOf(g[0]).Length > 1).ToList();
        var run = new SearchRun(problem, evaluator, progress, SearchGoal.Of(problem, options.Quality, evaluator.Float), cancellation) { Phase = "scoring", Planned = 2 * groups.Count + 1 };
        bool completed = run.Completes(() =>
        {
            if (!problem.Budget.Admits(problem.Costs.PriceWhole(start))) start = affordable;
            var descent = problem.Objective == SearchObjective.Accuracy ? null : new CostDescent(run, options.Quality, evaluator.Float);
            Policy[] promoted = [.. groups.Select(g => Promoted(problem.Space, start, g))];
            run.Announce([start], promoted);
            if (IsEnough(run.Measure(start))) return;
            run.Announce([], promoted);
            var order = groups.Select(g => (Group: g, run.Prober.Evaluate(Promoted(problem.Space, start, g), cancellation).Loss)).OrderBy(p => p.Loss).Select(p => p.Group).ToList();
            run.Phase = "promotion";
            var policy = start;
            Policy[] promotions = [.. order.Select(g => policy = Promoted(problem.Space, policy, g)).TakeWhile(p => problem.Budget.Admits(problem.Costs.PriceWhole(p)))];
            foreach (var (_, score) in run.MeasureAll(promotions))
                if (IsEnough(score)) break;

            bool IsEnough(PolicyScore score) => descent?.Keeps(score) == true;
        });
        return run.Finish(completed) ?? throw CostDescent.OutOfReach(run, options.Quality, evaluator.Float);
    }

    /// <summary>The narrowest activations throughout, with the widest weights.</summary>
    private static Policy Narrowest(SearchSpace space)
    {
        var bits = new LayerBits[space.Layers];
        foreach (var group in space.Groups)
        {
            var activations = space.ActivationsOf(group[0])[0];
            foreach (int member in group) bits[member] = new LayerBits(space.WeightsOf(member, activations)[^1], activations);
        }
        return new Policy([.. bits]);
    }

    private static Policy Promoted(SearchSpace space, Policy policy, ImmutableArray<int> group)
    {
        var activations = space.ActivationsOf(group[0])[^1];
        foreach (int member in group) policy = policy.With(member, new LayerBits(space.WeightsOf(member, activations)[^1], activations));
        return policy;
    }
}
