using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>
/// Improves a policy by what is measured around it: every change of one width by one step, with everything else as it is, which sees how layers work on each other where
/// scores of single layers do not.
/// </summary>
internal sealed class Neighbourhood(SearchRun run, SensitivityTable scores, Budget budget)
{
    // Where all predicted gains together do not come true, dearer changes leave only the surest; in units of the mean difference.
    private static readonly double[] s_reluctance = [0, 0.5, 2];

    private const int MostFailures = 12;

    // A round costs a hundred probes: where one gains less, the next is not worth it.
    private const double WorthAnother = 0.01;

    private readonly SearchProblem _problem = run.Problem;
    private readonly int _neighbours = Differences.MostAround(run.Problem.Space);
    private Differences? _differences;

    /// <summary>
    /// Re-probing: measures all neighbours, solves the knapsack on the differences, and moves only when the measured loss falls; again from there. Ends when it does not
    /// fall, or when the run reaches step number <paramref name="last"/>. Of neighbours that are more than the steps left, half as many as those are measured, the most promising ones.
    /// </summary>
    public (Policy Policy, PolicyScore Score) Reprobe((Policy Policy, PolicyScore Score) current, int last)
    {
        while (run.Steps < last)
        {
            var differences = _differences = Differences.Around(current.Policy, _problem.Space, run.Prober, scores, Most(last));
            double before = current.Score.Loss;
            bool moved = false;
            var proposals = s_reluctance.Select(reluctance => differences.Solve(_problem.Costs, budget, reluctance));
            if (run.LooksAhead) proposals = [.. proposals];
            foreach (var wanted in proposals)
            {
                if (wanted is not { } proposal || run.Knows(proposal)) continue;
                // The first one is what mostly is made; the next round is around it, or around one of the others.
                if (run.LooksAhead)
                {
                    Policy[] ahead = [.. proposals.OfType<Policy>().Where(p => !run.Knows(p)).Distinct()];
                    run.Announce(ahead, ahead.SelectMany(p => Around(p, last)).Distinct());
                }
                var score = run.Measure(proposal);
                if (score.StoppedEarly || score.Loss >= current.Score.Loss) continue;
                (current, moved) = ((proposal, score), true);
                break;
            }
            if (!moved || current.Score.Loss > before * (1 - WorthAnother)) return current;
        }
        return current;
    }

    private bool Allowed(Policy policy) => !run.Knows(policy) && budget.Admits(_problem.Costs.PriceWhole(policy));

    /// <summary>What re-probing around a policy would measure now.</summary>
    public IReadOnlyList<Policy> Around(Policy centre, int last) => [.. Differences.Policies(centre, _problem.Space, scores, Most(last))];

    /// <summary>
    /// Local search: single changes and exchanges of one width against another, the most promising by the last differences first; each measurement corrects what its
    /// changes are thought to be worth. Ends when a row of them did not help by more than a standard error, which makes further gains improbable.
    /// </summary>
    public (Policy Policy, PolicyScore Score) Swap((Policy Policy, PolicyScore Score) current, int last)
    {
        if (_differences is not { } differences) return current;
        int failures = 0;
        double rise = 0;
        bool gained = false;
        var ahead = new MovesAhead(Allowed);
        while (run.Steps < last && failures < MostFailures && differences.BestUnknown(current.Policy, Allowed) is { } move)
        {
            // Where it gained, re-probing goes on there.
            if (run.LooksAhead) run.Announce(ahead.From(differences, current.Policy, move.Policy, rise, MostFailures - failures), gained ? Around(current.Policy, last) : null);
            var score = run.Measure(move.Policy);
            double measured = score.Loss - current.Score.Loss;
            differences.Correct(move, measured);
            if (measured >= 0) rise = rise == 0 ? measured : (rise + measured) / 2;
            if (score.StoppedEarly || score.Loss >= current.Score.Loss)
            {
                failures++;
                continue;
            }
            // What is better by less than chance makes of it is taken, and says nothing of the moves that are left.
            failures = -measured > (score.RaceError ?? 0) ? 0 : failures + 1;
            (current, gained) = ((move.Policy, score), true);
        }
        return current;
    }

    // Of neighbours that are more than the steps left, half as many as those.
    private int Most(int last) => last - run.Steps is var left && _neighbours <= left ? _neighbours : left / 2;
}
