using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Places;

/// <summary>A tensor between layers that sums, concatenations and averages read or make.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Readers">Names of the nodes that read it quantized, each with the input that it reads it through.</param>
public sealed record Junction(string Tensor, ImmutableArray<(string Node, int Input)> Readers)
{
    /// <summary>It leaves the network, and does so as what is left of it.</summary>
    public bool IsOutput { get; init; }
}
