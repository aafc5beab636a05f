using Haq.Engine.Numerics.Units;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>How files are measured, and what they have to keep.</summary>
/// <param name="Threads">Of a session.</param>
/// <param name="Batch">Samples of a run; null for the hardware's own.</param>
/// <param name="Latency">What a run may take: a duration, or a factor of the float network's.</param>
/// <param name="Objective">What to make best.</param>
/// <param name="AccuracyDrop">Percentage points that may be lost; null for no limit.</param>
/// <param name="Quality">Of which figure.</param>
/// <param name="Processor">What it is measured on.</param>
internal sealed record RegionSettings(int Threads, int? Batch, Quantity? Latency, SearchObjective Objective, double? AccuracyDrop, Quality Quality, string Processor);
