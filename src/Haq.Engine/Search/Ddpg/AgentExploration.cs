using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// HAQ's agent around a policy that is good already: it remembers everything that the search measured before, explores near the best policy first
/// and by its own judgement afterwards, and what it proposes is
/// brought within the budget by the knapsack on the corrected surrogate, not by trimming. It is rewarded for a low loss, in place of accuracy.
/// </summary>
internal sealed class AgentExploration(SearchRun run, Budget budget, CorrectedScores surrogate, SearchOptions options)
{
    /// <summary>
    /// So many proposals in a row that were no better end it: by the rule of succession the next one is better with a chance of one in <see cref="MostFailures"/> + 2.
    /// </summary>
    private const int MostFailures = 40;

    // A tenth of a nat of loss is one unit of reward, where HAQ's is ten points of accuracy.
    private const double PointsPerNat = 100;

    /// <summary>Explores from <paramref name="current"/>; returns the best policy known then.</summary>
    public (Policy Policy, PolicyScore Score) Explore((Policy Policy, PolicyScore Score) current)
    {
        var agent = new Agent(run.Problem, options.Ddpg);
        if (options.TrainedAgent is { } file) AgentFile.Load(file, agent, options.Ddpg);
        foreach (var (policy, score) in run.Candidates.OrderBy(c => c.Key.Digest, StringComparer.Ordinal))
            if (run.Problem.Space.Contains(policy)) agent.Remember(policy, Reward(score));
        try
        {
            return Explore(agent, current);
        }
        finally
        {
            // Also where the time limit ended it.
            if (options.SavedAgent is { } save) AgentFile.Save(save, agent, options.Ddpg);
        }
    }

    private (Policy Policy, PolicyScore Score) Explore(Agent agent, (Policy Policy, PolicyScore Score) current)
    {
        int failures = 0;
        var proposals = new List<(List<(float[] State, float Action)> Steps, Policy Policy)>();
        for (int episode = 0; episode < options.Episodes && failures < MostFailures; episode += proposals.Count)
        {
            proposals.Clear();
            for (int i = 0; i < options.Ddpg.Population && episode + i < options.Episodes; i++)
            {
                var steps = agent.ActNear(current.Policy, episode + i, out var wanted);
                if (steps.Count == 0 || surrogate.Project(budget, wanted) is not { } proposal) break;
                proposals.Add((steps, proposal));
            }
            if (proposals.Count == 0) break;
            bool[] known = [.. proposals.Select(p => run.Knows(p.Policy))];
            int next = 0;
            foreach (var (proposal, score) in run.MeasureAll([.. proposals.Select(p => p.Policy)]))
            {
                if (!known[next]) surrogate.Learn(proposal, score.Loss);
                agent.Learn(proposals[next].Steps, Reward(score), 0, episode + next);
                next++;
                if (score.StoppedEarly || score.Loss >= current.Score.Loss) failures++;
                else (current, failures) = ((proposal, score), 0);
            }
        }
        return current;
    }

    // An output that is no number is as bad as rewards can say.
    private static double Reward(PolicyScore score) => -PointsPerNat * (double.IsFinite(score.Loss) ? Math.Min(score.Loss, 10) : 10);
}
