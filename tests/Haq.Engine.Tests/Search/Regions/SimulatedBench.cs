using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Tests.Search.Regions;

/// <summary>A machine on which files take exactly what some costs say, and outputs suffer by what each unit does.</summary>
internal sealed class SimulatedBench(RegionMap map, RegionCosts costs, double[] damage, double allowed) : IRegionBench
{
    /// <summary>Half the width of ratios' intervals.</summary>
    public double Spread { get; init; } = 0.005;

    /// <summary>What forms other than integers do to the outputs, as a share of what integers do.</summary>
    public double Share { get; init; } = 0.5;

    public List<RegionPlan> Profiled { get; } = [];

    public List<RegionPlan> Probed { get; } = [];

    public double Float => RegionCut.Price(map, costs, map.AllFloat);

    public (RegionReading Reading, RegionTiming Timing) Profile(RegionPlan plan)
    {
        Profiled.Add(plan);
        double[] units = [.. Enumerable.Range(0, plan.Count).Select(u => costs.Of(u, plan[u]))];
        double[] Where(Func<RegionTensor, bool> isThere, double[] cost) => [.. map.Tensors.Select((tensor, t) => isThere(tensor) ? cost[t] : 0)];
        var reading = new RegionReading(
            units, Where(t => t.IsQuantized(plan), costs.Quantize), Where(t => t.IsDequantized(plan), costs.Dequantize), Where(t =>
                t.IsDynamic(plan), costs.Dynamic), RegionCut.Price(map, costs, plan));
        return (reading, TimeOf(plan));
    }

    public IReadOnlyList<RegionTiming> Race(IReadOnlyList<RegionPlan> plans, bool final) => [.. plans.Select(TimeOf)];

    public RegionScore Score(RegionPlan plan, bool probe)
    {
        if (probe) Probed.Add(plan);
        double sum = Enumerable.Range(0, plan.Count).Sum(u => plan[u] == UnitForm.Integers ? damage[u] : plan[u] == UnitForm.Float ? 0 : Share * damage[u]);
        return new RegionScore(probe ? 0 : sum / allowed, sum);
    }

    private RegionTiming TimeOf(RegionPlan plan)
    {
        double seconds = RegionCut.Price(map, costs, plan), ratio = seconds / Float;
        return new RegionTiming(seconds, Float, ratio, ratio - Spread, ratio + Spread);
    }
}
