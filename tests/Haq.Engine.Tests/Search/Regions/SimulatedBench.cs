using Haq.Engine.Quantization.Regions;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Tests.Search.Regions;

/// <summary>A machine on which files take exactly what some costs say, and outputs suffer by what each unit does.</summary>
internal sealed class SimulatedBench(RegionMap map, RegionCosts costs, double[] damage, double allowed) : IRegionBench
{
    /// <summary>Half the width of ratios' intervals.</summary>
    public double Spread { get; init; } = 0.005;

    public List<RegionPlan> Profiled { get; } = [];

    public double Float => RegionCut.Price(map, costs, map.AllFloat);

    public (RegionReading Reading, RegionTiming Timing) Profile(RegionPlan plan)
    {
        Profiled.Add(plan);
        double[] units = [.. Enumerable.Range(0, plan.Count).Select(u => plan[u] ? costs.Integer[u] : costs.Float[u])];
        double[] quantize = new double[map.Tensors.Length], dequantize = new double[map.Tensors.Length];
        for (int t = 0; t < quantize.Length; t++)
        {
            var tensor = map.Tensors[t];
            bool integers = tensor.Producer >= 0 && plan[tensor.Producer];
            if (!integers && tensor.Consumers.Any(c => plan[c])) quantize[t] = costs.Quantize[t];
            if (integers && (tensor.IsReadAsReals || tensor.Consumers.Any(c => !plan[c]))) dequantize[t] = costs.Dequantize[t];
        }
        return (new RegionReading(units, quantize, dequantize, RegionCut.Price(map, costs, plan)), TimeOf(plan));
    }

    public IReadOnlyList<RegionTiming> Race(IReadOnlyList<RegionPlan> plans, bool final) => [.. plans.Select(TimeOf)];

    public RegionScore Score(RegionPlan plan, bool probe)
    {
        double sum = Enumerable.Range(0, plan.Count).Where(u => plan[u]).Sum(u => damage[u]);
        return new RegionScore(probe ? 0 : sum / allowed, sum);
    }

    private RegionTiming TimeOf(RegionPlan plan)
    {
        double seconds = RegionCut.Price(map, costs, plan), ratio = seconds / Float;
        return new RegionTiming(seconds, Float, ratio, ratio - Spread, ratio + Spread);
    }
}
