using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>Measures plans: as whole files, in ONNX Runtime.</summary>
public interface IRegionBench
{
    /// <summary>Runs a plan's file beside the float network, end to end and under the profiler.</summary>
    (RegionReading Reading, RegionTiming Timing) Profile(RegionPlan plan);

    /// <summary>Times files against the float network, all in turn in one process.</summary>
    /// <param name="plans">The plans.</param>
    /// <param name="final">Until the interval decides; otherwise long enough to tell candidates apart.</param>
    IReadOnlyList<RegionTiming> Race(IReadOnlyList<RegionPlan> plans, bool final);

    /// <summary>What a plan does to the network's outputs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="probe">On few samples, to compare units with each other.</param>
    RegionScore Score(RegionPlan plan, bool probe);
}
