using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>A whole network on a target with one policy.</summary>
/// <param name="Label">What to call it, for example <c>w4a8</c>.</param>
/// <param name="Policy">The bits.</param>
/// <param name="Layers">By index.</param>
/// <param name="Total">Their sum, for the whole batch.</param>
public sealed record SimulatedPolicy(string Label, Policy Policy, ImmutableArray<SimulatedLayer> Layers, NetworkCost Total);
