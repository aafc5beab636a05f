using System.Collections.Immutable;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>A plan that was measured as a whole file.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Predicted">Seconds that the costs gave it before it was measured; null where nothing was known yet.</param>
/// <param name="Timing">Its time.</param>
/// <param name="Score">What it does to the outputs; null where nobody asked.</param>
/// <param name="Units">Where its time goes, by unit.</param>
public sealed record RegionCandidate(RegionPlan Plan, double? Predicted, RegionTiming Timing, RegionScore? Score, ImmutableArray<UnitTime> Units)
{
    /// <summary>The same on a machine that takes <paramref name="pace"/> times as long, and <paramref name="floatSeconds"/> for the float network.</summary>
    public RegionCandidate At(double pace, double floatSeconds) => this with
    {
        Predicted = Predicted * pace,
        Timing = Timing with { Seconds = Timing.Ratio * floatSeconds, FloatSeconds = floatSeconds },
        Units = [.. Units.Select(u => new UnitTime(u.Predicted * pace, u.Measured * pace))],
    };
}

/// <summary>A unit's time in a file.</summary>
/// <param name="Predicted">Seconds that the costs gave it before the file was measured; null where nothing was known yet.</param>
/// <param name="Measured">Seconds in the file.</param>
public readonly record struct UnitTime(double? Predicted, double Measured);
