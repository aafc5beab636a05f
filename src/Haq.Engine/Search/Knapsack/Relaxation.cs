namespace Haq.Engine.Search.Knapsack;

/// <summary>The Lagrangian relaxation at its best multipliers: a lower bound, and a first affordable solution.</summary>
/// <param name="Multipliers">One per constraint, at least 0.</param>
/// <param name="Bound">No affordable solution has less damage; infinite where that proves that there is none.</param>
/// <param name="Feasible">An affordable solution; null where none was met.</param>
internal sealed record Relaxation(double[] Multipliers, double Bound, Pick[]? Feasible)
{
    private const int Rounds = 200;

    /// <summary>Solves the relaxation.</summary>
    public static Relaxation Of(KnapsackInstance instance)
    {
        double[] free = new double[instance.Constraints];
        var unbound = instance.Relaxed(free);
        if (instance.Admits(instance.CostOf(unbound))) return new Relaxation(free, KnapsackInstance.DamageOf(unbound), unbound);
        if (instance.Constraints == 1) return UnderOne(instance);
        var dual = new LagrangianDual(instance);
        var (multipliers, bound) = dual.Maximize();
        if (double.IsPositiveInfinity(bound)) return new Relaxation(free, bound, null);
        if (dual.Feasible is { } met) return new Relaxation(multipliers, bound, instance.Relaxed(met));
        var feasible = Affordable(instance, out bool impossible);
        return impossible ? new Relaxation(free, double.PositiveInfinity, null) : new Relaxation(multipliers, bound, feasible);
    }

    // The hulls give the best multiplier exactly.
    private static Relaxation UnderOne(KnapsackInstance instance)
    {
        if (new HullWalk(instance, 0).Within(instance.Limits[0], 0) is not { } found) return new Relaxation([0], double.PositiveInfinity, null);
        double[] multipliers = [found.Multiplier];
        return new Relaxation(multipliers, instance.Evaluate(multipliers, new double[1]) - found.Multiplier * instance.Limits[0], found.Picks);
    }

    // Minimizes the worst overspending by weighting the constraints (Plotkin, Shmoys and Tardos 1995); weights under which even the cheapest choices overspend prove
    // that no solution is affordable.
    private static Pick[]? Affordable(KnapsackInstance instance, out bool impossible)
    {
        impossible = false;
        double[] weights = [.. Enumerable.Repeat(1.0, instance.Constraints)];
        double[] prices = new double[instance.Constraints], costs = new double[instance.Constraints];
        // Heavy enough that damage only decides between choices of nearly equal cost.
        double most = instance.MostDamage, heavy = 1e6 * Math.Max(most, 1e-9);
        for (int round = 0; round < Rounds; round++)
        {
            double sum = weights.Sum();
            for (int k = 0; k < prices.Length; k++) prices[k] = heavy * weights[k] / sum / Scale(instance, k);
            instance.Evaluate(prices, costs);
            if (instance.Admits(costs)) return instance.Relaxed(prices);
            double overspent = 0;
            for (int k = 0; k < prices.Length; k++)
            {
                double violation = costs[k] - instance.Limits[k];
                overspent += prices[k] * violation;
                weights[k] *= Math.Exp(Math.Clamp(violation / Scale(instance, k), -1, 1) / Math.Sqrt(round + 1));
            }
            // Any solution's price is at least this one's, less what damage can make up.
            impossible = overspent > most;
            if (impossible) return null;
        }
        return null;
    }

    private static double Scale(KnapsackInstance instance, int constraint) => Math.Max(Math.Abs(instance.Limits[constraint]), double.Epsilon * 1e20);
}
