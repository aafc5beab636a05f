using System.Collections.Immutable;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>What a search over plans found.</summary>
/// <param name="Plan">The plan; all in floating point where nothing else is faster.</param>
/// <param name="Timing">Its file against the float network.</param>
/// <param name="Uniform">The file with everything in integers, in the same race.</param>
/// <param name="PredictedSeconds">What the costs give the plan.</param>
/// <param name="Verdict">Why it is this plan.</param>
/// <param name="Costs">What was learned.</param>
/// <param name="Candidates">Every plan measured as a whole file.</param>
public sealed record RegionResult(
    RegionPlan Plan, RegionTiming Timing, RegionTiming Uniform, double PredictedSeconds, RegionVerdict Verdict, RegionCosts Costs, ImmutableArray<RegionCandidate> Candidates);
