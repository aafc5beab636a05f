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
        // Where one limit alone binds in the relaxation, its own optimum that happens to keep the others is the optimum under all, and is found sooner.
        if (instance.Constraints > 1 && relaxation.Multipliers.Count(m => m > 0) == 1)
        {
            if (Solve(instance.Only(Array.FindIndex(relaxation.Multipliers, m => m > 0))) is not { } alone) return null;
            var picks = alone.Picks.Select((p, i) => instance.Items[i].At(p.Alternative, p.Options, instance.Constraints)).ToArray();
            if (instance.Admits(instance.CostOf(picks))) return (picks, alone.Bound);
        }
        var best = relaxation.Feasible;
        if (best is not null)
        {
            if (KnapsackInstance.DamageOf(best) <= relaxation.Bound) return (best, relaxation.Bound);
            best = [.. best];
            var candidates = Candidates(instance, relaxation, KnapsackInstance.DamageOf(best));
            GreedyFill.Improve(instance, best, candidates);
            if (instance.Constraints > 1) PairExchange.Improve(instance, relaxation.Multipliers, best, candidates);
        }
        var (closed, bound) = instance.Constraints > 1 ? SeveralLimitsCore.Close(instance, relaxation, best) : ExpandingCore.Close(instance, relaxation, best);
        return closed is null ? null : (closed, Math.Max(relaxation.Bound, bound));
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
