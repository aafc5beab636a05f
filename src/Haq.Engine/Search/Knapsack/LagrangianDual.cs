namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The best multipliers under several limits: the bound is concave and piecewise linear in each of them with the others at their best, so that the crossing of two tangents, one from
/// either side, finds its peak in a few steps (Eisner and Severance, 1976). Only limits that the relaxation breaks get a multiplier.
/// </summary>
internal sealed class LagrangianDual(KnapsackInstance instance)
{
    private const int Doublings = 80, Crossings = 80;
    private const double Rounding = 1e-12;

    private readonly double[] _multipliers = new double[instance.Constraints];
    private readonly double[] _hints = new double[instance.Constraints];
    private readonly List<int> _active = [];
    private double _feasibleDamage = double.PositiveInfinity;

    // The bound at its best for the inner multipliers, and what the mix of choices there costs, from which the slope in the outer ones follows.
    private readonly record struct Point(double Value, double[] Costs);

    /// <summary>Multipliers whose relaxed choices keep every limit, with the least damage met on the way; null where there were none.</summary>
    public double[]? Feasible { get; private set; }

    /// <summary>The multipliers, and the lower bound there; infinite where no choices keep every limit.</summary>
    public (double[] Multipliers, double Bound) Maximize()
    {
        while (true)
        {
            Array.Clear(_multipliers);
            var point = Best(_active.Count);
            if (double.IsPositiveInfinity(point.Value)) return (_multipliers, point.Value);
            int? broken = null;
            double worst = Rounding;
            for (int k = 0; k < instance.Constraints; k++)
            {
                double share = (point.Costs[k] - instance.Limits[k]) / Math.Max(Math.Abs(instance.Limits[k]), 1e-300);
                if (!_active.Contains(k) && share > worst) (broken, worst) = (k, share);
            }
            if (broken is not { } next) return ([.. _multipliers], point.Value);
            _active.Add(next);
        }
    }

    // The peak over the first `depth` active multipliers, which are left at it; the others stay as they are.
    private Point Best(int depth)
    {
        if (depth == 0) return Evaluate();
        int k = _active[depth - 1];
        var low = At(depth, k, 0);
        if (double.IsPositiveInfinity(low.Value) || Slope(low, k) <= 0) return low;
        double lowAt = 0, highAt = _hints[k] > 0 ? _hints[k] : Math.Max(instance.MostDamage, 1e-30) / Math.Max(Math.Abs(instance.Limits[k]), 1e-30);
        var high = At(depth, k, highAt);
        for (int i = 0; Slope(high, k) > 0; i++)
        {
            if (i == Doublings || double.IsPositiveInfinity(high.Value)) return new Point(double.PositiveInfinity, high.Costs);
            (low, lowAt) = (high, highAt);
            high = At(depth, k, highAt *= 2);
        }
        for (int i = 0; i < Crossings; i++)
        {
            double up = Slope(low, k), down = Slope(high, k);
            double crossing = (high.Value - down * highAt - low.Value + up * lowAt) / (up - down);
            if (!(crossing > lowAt && crossing < highAt)) break;
            double peak = low.Value + up * (crossing - lowAt);
            var there = At(depth, k, crossing);
            if (there.Value >= peak - Rounding * Math.Abs(peak)) return Peak(low, high, k, there.Value, crossing);
            if (Slope(there, k) > 0) (low, lowAt) = (there, crossing);
            else (high, highAt) = (there, crossing);
        }
        var (best, at) = low.Value > high.Value ? (low, lowAt) : (high, highAt);
        At(depth, k, at);
        return Peak(low, high, k, best.Value, at);
    }

    // The mix of both sides' choices that spends exactly the limit.
    private Point Peak(Point low, Point high, int k, double value, double at)
    {
        double up = Slope(low, k), down = Slope(high, k), share = up - down > 0 ? -down / (up - down) : 0;
        _hints[k] = at;
        return new Point(value, [.. low.Costs.Select((c, i) => share * c + (1 - share) * high.Costs[i])]);
    }

    private Point At(int depth, int k, double multiplier)
    {
        _multipliers[k] = multiplier;
        return Best(depth - 1);
    }

    private double Slope(Point point, int k) => point.Costs[k] - instance.Limits[k];

    private Point Evaluate()
    {
        double[] costs = new double[instance.Constraints];
        double value = instance.Evaluate(_multipliers, costs), damage = value;
        for (int k = 0; k < costs.Length; k++)
        {
            value -= _multipliers[k] * instance.Limits[k];
            damage -= _multipliers[k] * costs[k];
        }
        if (damage < _feasibleDamage && instance.Admits(costs)) (_feasibleDamage, Feasible) = (damage, [.. _multipliers]);
        return new Point(value, costs);
    }
}
