using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>The trade-off between one cost and accuracy of a network on one target, as <c>haq search --pareto</c> finds it.</summary>
/// <param name="Model">Name of the model's file.</param>
/// <param name="Hardware">Name of the target.</param>
/// <param name="Batch">The batch that costs are for.</param>
/// <param name="Samples">What the points were measured on, in words.</param>
/// <param name="Quantity">The cost: latency, energy or size.</param>
/// <param name="Limit">The budget's bound on it, in milliseconds, millijoules or kilobytes; null for none.</param>
/// <param name="Points">By cost; at least two.</param>
public sealed record TradeOffCurve(string Model, string Hardware, int Batch, string Samples, CostQuantity Quantity, double? Limit, ImmutableArray<ParetoFacts> Points);
