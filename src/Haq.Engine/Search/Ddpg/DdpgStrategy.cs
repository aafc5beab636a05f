using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// HAQ's agent (Wang et al., CVPR 2019). Two steps per layer, weights then activations; a policy is brought under the budget, measured, and rewarded by the accuracy that it keeps.
/// </summary>
internal sealed class DdpgStrategy(SearchOptions options) : ISearchStrategy
{
    /// <inheritdoc/>
    public string Name => "ddpg";

    /// <inheritdoc/>
    public SearchResult Search(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(evaluator);
        Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        var quality = options.Quality;
        var run = new SearchRun(problem, evaluator, progress, (a, b) => Better(quality, a, b), cancellation) { Planned = options.Episodes, Phase = "agent" };
        var agent = new Agent(problem, options.Ddpg);
        if (options.AgentFile is { } file && File.Exists(file)) AgentFile.Load(file, agent.Networks, options.Ddpg);
        double original = quality.Of(evaluator.Float);
        int episode = 0;
        // One policy is always measured: a search that had no time still has an answer.
        for (; episode < options.Episodes && (episode == 0 || !run.IsOver); episode++)
        {
            var steps = agent.Act(episode, out var wanted);
            if (!run.TryMeasure(Affordable(problem, wanted), out var score)) break;
            agent.Learn(steps, quality.Of(score), original, episode);
            // Nothing was chosen: every further episode would measure the same policy.
            if (steps.Count == 0)
            {
                episode = options.Episodes;
                break;
            }
        }
        if (options.AgentFile is { } save) AgentFile.Save(save, agent.Networks, options.Ddpg);
        return run.Finish(episode >= options.Episodes);
    }

    private Policy Affordable(SearchProblem problem, Policy wanted) =>
        (options.Ddpg.Projection == ProjectionKind.Knapsack
            ? BudgetProjection.Nearest(problem.Space, problem.Costs, problem.Budget, wanted, problem.Sensitivity)
            : SequentialProjection.Apply(problem.Space, problem.Costs, problem.Budget, wanted))
        // With pairs that exclude each other, stepping down may end above the floor.
        ?? BudgetProjection.Nearest(problem.Space, problem.Costs, problem.Budget, wanted)
        ?? throw new InvalidOperationException("the budget was found affordable before");

    // By the metric that the reward is made of; by loss where that says nothing.
    private static bool Better(Quality quality, PolicyScore a, PolicyScore b)
    {
        double x = quality.Of(a), y = quality.Of(b);
        return x > y || (x == y && a.Loss < b.Loss);
    }
}
