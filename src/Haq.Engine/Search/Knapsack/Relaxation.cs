namespace Haq.Engine.Search.Knapsack;

/// <summary>The Lagrangian relaxation at its best multipliers: a lower bound, the choices there, and a first affordable solution.</summary>
/// <param name="Multipliers">One per constraint, at least 0.</param>
/// <param name="Bound">No affordable solution has less damage.</param>
/// <param name="Feasible">An affordable solution; null where none was met.</param>
internal sealed record Relaxation(double[] Multipliers, double Bound, Pick[]? Feasible)
{
    private const int Rounds = 300;

    /// <summary>Solves the relaxation; <see cref="Bound"/> is infinite where no solution is affordable.</summary>
    public static Relaxation Of(KnapsackInstance instance)
    {
        double[] free = new double[instance.Constraints];
        var unbound = instance.Relaxed(free);
        if (instance.Admits(instance.CostOf(unbound))) return new Relaxation(free, KnapsackInstance.DamageOf(unbound), unbound);
        return instance.Constraints == 1 ? Single(instance) : Several(instance);
    }

    private static Relaxation Single(KnapsackInstance instance)
    {
        if (new HullWalk(instance, 0).Within(instance.Limits[0], 0) is not { } found) return new Relaxation([0], double.PositiveInfinity, null);
        double[] multipliers = [found.Multiplier];
        return new Relaxation(multipliers, BoundAt(instance, multipliers, instance.Relaxed(multipliers)), found.Picks);
    }

    // Subgradient ascent with Polyak's step towards the best affordable damage known (Held, Wolfe and Crowder 1974).
    private static Relaxation Several(KnapsackInstance instance)
    {
        var feasible = Affordable(instance, out bool impossible);
        if (impossible) return new Relaxation(new double[instance.Constraints], double.PositiveInfinity, null);
        double target = feasible is null ? instance.Items.Sum(i => i.Alternatives[0].Sum(m => m.Damage.Max())) : KnapsackInstance.DamageOf(feasible);
        double[] multipliers = new double[instance.Constraints], best = new double[instance.Constraints];
        double bound = double.NegativeInfinity, pace = 1;
        int stalled = 0;
        for (int round = 0; round < Rounds && pace > 1e-4; round++)
        {
            var picks = instance.Relaxed(multipliers);
            double[] costs = instance.CostOf(picks);
            double value = BoundAt(instance, multipliers, picks);
            if (value > bound)
            {
                (bound, stalled) = (value, 0);
                multipliers.CopyTo(best, 0);
            }
            else if (++stalled == 10)
            {
                pace /= 2;
                stalled = 0;
            }
            if (instance.Admits(costs) && KnapsackInstance.DamageOf(picks) < target) (feasible, target) = (picks, KnapsackInstance.DamageOf(picks));
            double norm = 0;
            for (int k = 0; k < costs.Length; k++) norm += Squared((costs[k] - instance.Limits[k]) / Scale(instance, k));
            if (norm == 0) break;
            double step = pace * Math.Max(target - value, 1e-12 * Math.Abs(target)) / norm;
            for (int k = 0; k < costs.Length; k++)
                multipliers[k] = Math.Max(0, multipliers[k] + step * (costs[k] - instance.Limits[k]) / Squared(Scale(instance, k)));
        }
        return new Relaxation(best, bound, feasible);
    }

    // Minimizes the worst violation by weighting the constraints (Plotkin, Shmoys and Tardos 1995); weights under which even the cheapest choices overspend prove that
    // no solution is affordable.
    private static Pick[]? Affordable(KnapsackInstance instance, out bool impossible)
    {
        impossible = false;
        double[] weights = [.. Enumerable.Repeat(1.0, instance.Constraints)];
        double[] prices = new double[instance.Constraints];
        for (int round = 0; round < Rounds; round++)
        {
            double sum = weights.Sum();
            // Heavy enough that damage only decides between choices of equal cost.
            for (int k = 0; k < prices.Length; k++) prices[k] = weights[k] / sum / Scale(instance, k) * Heavy(instance);
            var picks = instance.Relaxed(prices);
            double[] costs = instance.CostOf(picks);
            if (instance.Admits(costs)) return picks;
            double overspent = 0;
            for (int k = 0; k < prices.Length; k++)
            {
                double violation = (costs[k] - instance.Limits[k]) / Scale(instance, k);
                overspent += prices[k] * (costs[k] - instance.Limits[k]);
                weights[k] *= Math.Exp(Math.Clamp(violation, -1, 1) / Math.Sqrt(round + 1));
            }
            // Every solution has penalized cost of at least this one's, less what damage can make up.
            if (overspent > MostDamage(instance)) impossible = true;
            if (impossible) return null;
        }
        return null;
    }

    private static double Heavy(KnapsackInstance instance) => 1e6 * Math.Max(MostDamage(instance), 1e-9);

    private static double MostDamage(KnapsackInstance instance) => instance.Items.Sum(i => i.Alternatives.Max(a => a.Sum(m => m.Damage.Max() - m.Damage.Min())));

    private static double Scale(KnapsackInstance instance, int constraint) => Math.Max(Math.Abs(instance.Limits[constraint]), 1);

    private static double Squared(double x) => x * x;

    private static double BoundAt(KnapsackInstance instance, double[] multipliers, Pick[] picks)
    {
        double value = 0;
        foreach (var pick in picks) value += pick.Penalized(multipliers);
        for (int k = 0; k < multipliers.Length; k++) value -= multipliers[k] * instance.Limits[k];
        return value;
    }
}
