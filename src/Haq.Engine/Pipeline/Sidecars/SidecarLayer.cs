using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Sidecars;

/// <summary>What a sidecar says of a layer.</summary>
/// <param name="Name">The node's name in the prepared model.</param>
/// <param name="Op">Its kind.</param>
/// <param name="IsDepthwise">Each channel has a filter of its own.</param>
/// <param name="Bits">The widths.</param>
/// <param name="Output">The range of what it makes, where it was calibrated.</param>
/// <param name="Weights">The range of its weights.</param>
/// <param name="Bias">Its bias; empty where it has none.</param>
public sealed record SidecarLayer(string Name, OpKind Op, bool IsDepthwise, LayerBits Bits, SidecarRange? Output, SidecarRange Weights, ImmutableArray<float> Bias);

/// <summary>A range of reals.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
public sealed record SidecarRange(double Min, double Max);
