using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>What is to be measured of a network.</summary>
/// <param name="Widths">The pairs of widths.</param>
public sealed record ProbingOptions(ImmutableArray<LayerBits> Widths)
{
    /// <summary>Shapes of dynamic inputs, by name.</summary>
    public IReadOnlyDictionary<string, long[]>? Shapes { get; init; }

    /// <summary>Images at a time; null for what the model says, or one.</summary>
    public int? Batch { get; init; }

    /// <summary>Decides about inputs and about the mixed policies.</summary>
    public ulong Seed { get; init; } = 1;
}
