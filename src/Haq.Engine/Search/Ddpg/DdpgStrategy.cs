using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
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
        RefuseCostObjective(problem);
        Affordability.Policy(problem.Space, problem.Costs, problem.Budget);
        var quality = options.Quality;
        var run = new SearchRun(problem, evaluator, progress, SearchGoal.BestQuality(problem.Budget, quality), cancellation) { Planned = options.Episodes, Phase = "agent" };
        var agent = new Agent(problem, options.Ddpg);
        if (options.TrainedAgent is { } file) AgentFile.Load(file, agent, options.Ddpg);
        double original = quality.Of(evaluator.Float);
        bool completed = run.Completes(() =>
        {
            var scores = options.Ddpg.Projection == ProjectionKind.Knapsack ? SensitivityScores.Of(run).Table : null;
            var proposals = new List<(List<(float[] State, float Action)> Steps, Policy Policy)>();
            for (int episode = 0; episode < options.Episodes; episode += proposals.Count)
            {
                proposals.Clear();
                // What is drawn at random during the warm-up depends on nothing that is learnt.
                int together = Math.Min(options.Episodes - episode, Math.Max(options.Ddpg.Population, agent.WarmUp - episode));
                for (int i = 0; i < together; i++) proposals.Add((agent.Act(episode + i, out var wanted), Affordable(problem, wanted, scores)));
                // Nothing was chosen: every further episode would measure the same policy.
                bool isChoice = proposals[0].Steps.Count > 0;
                if (!isChoice) proposals.RemoveRange(1, together - 1);
                double[] measured = [.. run.MeasureAll([.. proposals.Select(p => p.Policy)]).Select(m => quality.Of(m.Score))];
                for (int i = 0; i < measured.Length; i++) agent.Learn(proposals[i].Steps, measured[i], original, episode + i);
                if (!isChoice) break;
            }
        });
        if (options.SavedAgent is { } save) AgentFile.Save(save, agent, options.Ddpg);
        return run.Finish(completed) ?? throw new InvalidOperationException("no episode was run");
    }

    private Policy Affordable(SearchProblem problem, Policy wanted, SensitivityTable? scores) =>
        (options.Ddpg.Projection == ProjectionKind.Knapsack
            ? BudgetProjection.Nearest(problem.Space, problem.Costs, problem.Budget, wanted, scores)
            : SequentialProjection.Apply(problem.Space, problem.Costs, problem.Budget, wanted))
        // With pairs that exclude each other, stepping down may end above the floor.
        ?? BudgetProjection.Nearest(problem.Space, problem.Costs, problem.Budget, wanted)
        ?? throw new InvalidOperationException("the budget was found affordable before");

    private void RefuseCostObjective(SearchProblem problem)
    {
        if (problem.Objective == SearchObjective.Accuracy) return;
        throw DiagnosticCatalog.ObjectiveUnsupported.Error(
            (SourceLocation?)null, $"strategy '{Name}' makes accuracy best within a budget, as HAQ does; for 'objective: {problem.Objective.ToString().ToLowerInvariant()}' use 'auto' or 'knapsack'.");
    }
}
