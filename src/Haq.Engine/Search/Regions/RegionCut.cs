using System.Collections.Immutable;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>
/// The plan of least cost: of units and of the borders between them. Each tensor is quantized once however many read it as integers, and dequantized once, so that its cost is a submodular function of
/// its maker's and its readers' precision, and the least sum a least cut (Kolmogorov and Zabih, 2004): exact, for any graph.
/// </summary>
public static class RegionCut
{
    // A thousandth of a nanosecond.
    private const double UnitsPerSecond = 1e12;

    /// <summary>The plan of least cost.</summary>
    /// <param name="map">The network.</param>
    /// <param name="costs">What it costs.</param>
    /// <param name="damage">By unit: what its integer form costs besides, in seconds; null for nothing.</param>
    public static RegionPlan Solve(RegionMap map, RegionCosts costs, ReadOnlySpan<double> damage = default)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(costs);
        int units = map.Units.Length, source = units, sink = units + 1;
        // With the source: integers.
        var flow = new MaxFlow(units + 2 + 2 * map.Tensors.Length);
        for (int u = 0; u < units; u++)
        {
            double real = costs.Float[u], integer = costs.Integer[u] + (damage.IsEmpty ? 0 : damage[u]);
            if (double.IsPositiveInfinity(integer)) flow.Add(u, sink, MaxFlow.Infinite);
            else if (double.IsPositiveInfinity(real)) flow.Add(source, u, MaxFlow.Infinite);
            else if (integer > real) flow.Add(u, sink, Whole(integer - real));
            else flow.Add(source, u, Whole(real - integer));
        }
        for (int t = 0; t < map.Tensors.Length; t++)
        {
            var tensor = map.Tensors[t];
            int read = units + 2 + 2 * t, kept = read + 1;
            // Integers if anybody reads integers: then making real numbers costs a quantization.
            foreach (int consumer in tensor.Consumers) flow.Add(consumer, read, MaxFlow.Infinite);
            flow.Add(read, tensor.Producer >= 0 ? tensor.Producer : sink, Whole(costs.Quantize[t]));
            if (tensor.Producer < 0) continue;
            // Reals if anybody reads reals: then making integers costs a dequantization.
            if (tensor.IsReadAsReals) flow.Add(kept, sink, MaxFlow.Infinite);
            foreach (int consumer in tensor.Consumers) flow.Add(kept, consumer, MaxFlow.Infinite);
            flow.Add(tensor.Producer, kept, Whole(costs.Dequantize[t]));
        }
        flow.Run(source, sink);
        return new RegionPlan([.. Enumerable.Range(0, units).Select(flow.IsWithSource)]);
    }

    /// <summary>What a plan costs; infinite where a unit has no such form.</summary>
    public static double Price(RegionMap map, RegionCosts costs, RegionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(plan);
        double sum = costs.Fixed;
        for (int u = 0; u < map.Units.Length; u++) sum += plan[u] ? costs.Integer[u] : costs.Float[u];
        for (int t = 0; t < map.Tensors.Length; t++)
        {
            var tensor = map.Tensors[t];
            bool integers = tensor.Producer >= 0 && plan[tensor.Producer];
            if (!integers && tensor.Consumers.Any(c => plan[c])) sum += costs.Quantize[t];
            if (integers && (tensor.IsReadAsReals || tensor.Consumers.Any(c => !plan[c]))) sum += costs.Dequantize[t];
        }
        return sum;
    }

    private static long Whole(double seconds) => (long)Math.Round(Math.Max(0, seconds) * UnitsPerSecond);
}
