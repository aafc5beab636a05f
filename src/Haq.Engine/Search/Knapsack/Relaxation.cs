namespace Haq.Engine.Search.Knapsack;

/// <summary>The Lagrangian relaxation at its best multipliers: a lower bound, and a first affordable solution.</summary>
/// <param name="Multipliers">One per constraint, at least 0.</param>
/// <param name="Bound">No affordable solution has less damage; infinite where that proves that there is none.</param>
/// <param name="Feasible">An affordable solution; null where none was met.</param>
internal sealed record Relaxation(double[] Multipliers, double Bound, Pick[]? Feasible)
{
    // Golden-section steps per further constraint; each shrinks the interval by 0.618.
    private const int Sections = 34;
    private const int Doublings = 60;
    private const int Rounds = 200;

    /// <summary>Solves the relaxation.</summary>
    public static Relaxation Of(KnapsackInstance instance)
    {
        double[] free = new double[instance.Constraints];
        var unbound = instance.Relaxed(free);
        if (instance.Admits(instance.CostOf(unbound))) return new Relaxation(free, KnapsackInstance.DamageOf(unbound), unbound);
        if (instance.Constraints == 1) return Dual(instance, instance);
        var feasible = Affordable(instance, out bool impossible);
        if (impossible) return new Relaxation(free, double.PositiveInfinity, null);
        var dual = Dual(instance, instance);
        var better = dual.Feasible is { } d && (feasible is null || KnapsackInstance.DamageOf(d) < KnapsackInstance.DamageOf(feasible)) ? d : feasible;
        return dual with { Feasible = better };
    }

    // One constraint: the hulls give the best multiplier exactly. More: the bound is concave in the last multiplier, with the others at their best for it.
    private static Relaxation Dual(KnapsackInstance whole, KnapsackInstance folded)
    {
        int last = folded.Constraints - 1;
        if (last == 0)
        {
            if (new HullWalk(folded, 0).Within(folded.Limits[0], 0) is not { } found) return new Relaxation([0], double.PositiveInfinity, null);
            double bound = folded.Relaxed([found.Multiplier]).Sum(p => p.Penalized([found.Multiplier])) - found.Multiplier * folded.Limits[0];
            var picks = found.Picks.Select((p, i) => whole.Items[i].At(p.Alternative, p.Options, whole.Constraints)).ToArray();
            return new Relaxation([found.Multiplier], bound, whole.Admits(whole.CostOf(picks)) ? picks : null);
        }
        Pick[]? feasible = null;
        double high = 1 / Math.Max(folded.Limits[last], 1e-30) * Math.Max(folded.MostDamage, 1e-30);
        var best = At(0);
        for (int i = 0; i < Doublings && At(high) is var there && there.Bound > best.Bound && !double.IsInfinity(there.Bound); i++)
        {
            best = there;
            high *= 2;
        }
        double low = 0, ratio = (Math.Sqrt(5) - 1) / 2;
        double x = high - ratio * (high - low), y = low + ratio * (high - low);
        var (atX, atY) = (At(x), At(y));
        for (int i = 0; i < Sections; i++)
        {
            if (atX.Bound >= atY.Bound)
            {
                (high, y, atY) = (y, x, atX);
                atX = At(x = high - ratio * (high - low));
            }
            else
            {
                (low, x, atX) = (x, y, atY);
                atY = At(y = low + ratio * (high - low));
            }
        }
        foreach (var candidate in (Relaxation[])[atX, atY])
            if (candidate.Bound > best.Bound) best = candidate;
        return best with { Feasible = feasible };

        Relaxation At(double multiplier)
        {
            var inner = Dual(whole, folded.Folded(last, multiplier));
            if (inner.Feasible is { } found && (feasible is null || KnapsackInstance.DamageOf(found) < KnapsackInstance.DamageOf(feasible))) feasible = found;
            return new Relaxation([.. inner.Multipliers, multiplier], inner.Bound - multiplier * folded.Limits[last], null);
        }
    }

    // Minimizes the worst overspending by weighting the constraints (Plotkin, Shmoys and Tardos 1995); weights under which even the cheapest choices overspend prove
    // that no solution is affordable.
    private static Pick[]? Affordable(KnapsackInstance instance, out bool impossible)
    {
        impossible = false;
        double[] weights = [.. Enumerable.Repeat(1.0, instance.Constraints)];
        double[] prices = new double[instance.Constraints];
        // Heavy enough that damage only decides between choices of nearly equal cost.
        double heavy = 1e6 * Math.Max(instance.MostDamage, 1e-9);
        for (int round = 0; round < Rounds; round++)
        {
            double sum = weights.Sum();
            for (int k = 0; k < prices.Length; k++) prices[k] = heavy * weights[k] / sum / Scale(instance, k);
            var picks = instance.Relaxed(prices);
            double[] costs = instance.CostOf(picks);
            if (instance.Admits(costs)) return picks;
            double overspent = 0;
            for (int k = 0; k < prices.Length; k++)
            {
                double violation = costs[k] - instance.Limits[k];
                overspent += prices[k] * violation;
                weights[k] *= Math.Exp(Math.Clamp(violation / Scale(instance, k), -1, 1) / Math.Sqrt(round + 1));
            }
            // Any solution's price is at least this one's, less what damage can make up.
            impossible = overspent > instance.MostDamage;
            if (impossible) return null;
        }
        return null;
    }

    private static double Scale(KnapsackInstance instance, int constraint) => Math.Max(Math.Abs(instance.Limits[constraint]), double.Epsilon * 1e20);
}
