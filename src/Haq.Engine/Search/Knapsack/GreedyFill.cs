namespace Haq.Engine.Search.Knapsack;

/// <summary>Spends what an affordable solution leaves of the budget: again and again the single change that removes most damage and still fits.</summary>
internal static class GreedyFill
{
    /// <summary>Improves <paramref name="picks"/> in place; <paramref name="candidates"/> are the choices considered, by item.</summary>
    public static void Improve(KnapsackInstance instance, Pick[] picks, IReadOnlyList<IReadOnlyList<Pick>> candidates)
    {
        double[] costs = instance.CostOf(picks);
        while (true)
        {
            (int Item, Pick Pick)? best = null;
            double most = 0;
            for (int i = 0; i < picks.Length; i++)
            {
                foreach (var candidate in candidates[i])
                {
                    double gain = picks[i].Damage - candidate.Damage;
                    if (gain > most && Fits(instance, costs, picks[i], candidate)) (best, most) = ((i, candidate), gain);
                }
            }
            if (best is not { } change) return;
            for (int k = 0; k < costs.Length; k++) costs[k] += change.Pick.Costs[k] - picks[change.Item].Costs[k];
            picks[change.Item] = change.Pick;
        }
    }

    private static bool Fits(KnapsackInstance instance, double[] costs, Pick old, Pick next)
    {
        for (int k = 0; k < costs.Length; k++)
            if (costs[k] - old.Costs[k] + next.Costs[k] > instance.Limits[k]) return false;
        return true;
    }
}
