using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>A plan that was measured as a whole file.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Predicted">Seconds that the costs gave it before it was measured; null where nothing was known yet.</param>
/// <param name="Timing">Its time.</param>
/// <param name="Score">What it does to the outputs; null where nobody asked.</param>
public sealed record RegionCandidate(RegionPlan Plan, double? Predicted, RegionTiming Timing, RegionScore? Score);
