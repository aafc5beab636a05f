using System.Collections.Immutable;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>
/// The plan of least cost: of units and of the borders between them. Each tensor is quantized once however many read it as integers, and dequantized once, so that its cost is a submodular function of
/// its maker's and its readers' precision. With two forms the least sum is a least cut (Kolmogorov and Zabih, 2004): exact, for any graph. With more, every move that lets any units change to one form
/// is a least cut (Boykov, Veksler and Zabih, 2001), and moves are made until none gains. As long as nothing is shared between dynamic products,
/// only integers or not matters to a border, and the first
/// move is exact over all forms.
/// </summary>
public static class RegionCut
{
    // A thousandth of a nanosecond.
    private const double Smallest = 1e-12;

    /// <summary>The plan of least cost.</summary>
    /// <param name="map">The network.</param>
    /// <param name="costs">What it costs.</param>
    /// <param name="damage">By form and unit: what it costs besides, in seconds; null for nothing.</param>
    public static RegionPlan Solve(RegionMap map, RegionCosts costs, double[][]? damage = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(costs);
        var weighed = damage is null ? costs : costs with { Units = [.. costs.Units.Select((row, f) => row.Select((cost, u) => cost + damage[f][u]).ToArray())] };
        UnitForm[] forms = [.. Enum.GetValues<UnitForm>().Where(f => weighed.Units[(int)f].Any(double.IsFinite))];
        var plan = RegionMove.Best(map, weighed, RealStart(map, weighed, forms), UnitForm.Integers);
        double least = Price(map, weighed, plan);
        for (bool gains = forms.Any(f => f is not (UnitForm.Float or UnitForm.Integers)); gains;)
        {
            gains = false;
            foreach (var form in forms)
            {
                var moved = RegionMove.Best(map, weighed, plan, form);
                double price = Price(map, weighed, moved);
                if (!(price < least - Smallest)) continue;
                (plan, least, gains) = (moved, price, true);
            }
        }
        return plan;
    }

    /// <summary>What a plan costs; infinite where a unit has no such form.</summary>
    public static double Price(RegionMap map, RegionCosts costs, RegionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(plan);
        double sum = costs.Fixed;
        for (int u = 0; u < map.Units.Length; u++) sum += costs.Of(u, plan[u]);
        for (int t = 0; t < map.Tensors.Length; t++)
        {
            var tensor = map.Tensors[t];
            if (tensor.IsQuantized(plan)) sum += costs.Quantize[t];
            if (tensor.IsDequantized(plan)) sum += costs.Dequantize[t];
            if (tensor.IsDynamic(plan)) sum += costs.Dynamic[t];
        }
        return sum;
    }

    // Each unit's cheapest form that reads and makes real numbers; a dynamic one pays its share of a scale alone.
    private static RegionPlan RealStart(RegionMap map, RegionCosts costs, UnitForm[] forms)
    {
        double[] shared = new double[map.Units.Length];
        for (int t = 0; t < map.Tensors.Length; t++)
            foreach (int consumer in map.Tensors[t].Consumers) shared[consumer] += costs.Dynamic[t];
        double Alone(int u, UnitForm form) => costs.Of(u, form) + (form == UnitForm.Dynamic ? shared[u] : 0);
        return new RegionPlan([.. Enumerable.Range(0, map.Units.Length).Select(u =>
            forms.Where(f => f != UnitForm.Integers && double.IsFinite(Alone(u, f))).DefaultIfEmpty(UnitForm.Integers).MinBy(f => Alone(u, f)))]);
    }
}
