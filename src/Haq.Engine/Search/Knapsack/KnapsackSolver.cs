namespace Haq.Engine.Search.Knapsack;

/// <summary>Solves a multiple-choice knapsack: relaxation, greedy filling, exact closing.</summary>
internal static class KnapsackSolver
{
    // Choices beyond these are found by the core, whose bound decides what is worth looking at.
    private const int MostCandidates = 512;

    /// <summary>
    /// The best choice of every item, and a lower bound on the damage of any; null where no choice keeps every limit (or, under several limits, none was found
    /// within the states that the core may keep).
    /// </summary>
    public static (Pick[] Picks, double Bound)? Solve(KnapsackInstance instance)
    {
        if (instance.Constraints > 3) throw new ArgumentException("at most three constraints", nameof(instance));
        var relaxation = Relaxation.Of(instance);
        if (double.IsPositiveInfinity(relaxation.Bound)) return null;
        var best = relaxation.Feasible;
        if (best is not null)
        {
            if (KnapsackInstance.DamageOf(best) <= relaxation.Bound) return (best, relaxation.Bound);
            best = [.. best];
            GreedyFill.Improve(instance, best, Candidates(instance, relaxation, KnapsackInstance.DamageOf(best)));
        }
        var (picks, bound) = ExpandingCore.Close(instance, relaxation, best);
        return picks is null ? null : (picks, Math.Max(relaxation.Bound, bound));
    }

    // Only choices that the reduced costs leave a chance of being in a better solution.
    private static List<Pick>[] Candidates(KnapsackInstance instance, Relaxation relaxation, double damage)
    {
        var candidates = new List<Pick>[instance.Items.Length];
        for (int i = 0; i < candidates.Length; i++)
        {
            candidates[i] = [];
            double lowest = instance.Items[i].Best(relaxation.Multipliers).Penalized(relaxation.Multipliers);
            instance.Items[i].Within(lowest + damage - relaxation.Bound, relaxation.Multipliers, MostCandidates, candidates[i]);
        }
        return candidates;
    }
}
