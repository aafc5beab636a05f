using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Manifest;

/// <summary>The widths that layers may take, ascending, to be intersected with the hardware's.</summary>
/// <param name="Weights">Never empty.</param>
/// <param name="Activations">Never empty.</param>
/// <param name="At">Where they are written; null for the default.</param>
public sealed record BitsSettings(ImmutableArray<Bitwidth> Weights, ImmutableArray<Bitwidth> Activations, SourceLocation? At)
{
    /// <summary>One choice of bits: there is nothing to search.</summary>
    public bool IsFixed => Weights.Length == 1 && Activations.Length == 1;
}
