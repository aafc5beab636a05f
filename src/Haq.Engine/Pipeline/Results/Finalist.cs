using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Results;

/// <summary>One of the best policies that a search tried.</summary>
/// <param name="Bits">Weights and activations of every layer, in turn.</param>
/// <param name="Score">What it scored on the search set, or on a part of it where it lost its race early.</param>
public sealed record Finalist(ImmutableArray<int> Bits, PolicyScore Score)
{
    /// <summary>The bits as a policy.</summary>
    [JsonIgnore]
    public Policy Policy => new([.. Bits.Chunk(2).Select(pair => new LayerBits(pair[0], pair[1]))]);
}
