using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>One width moved by one step: a layer's weights, or the activations of a group.</summary>
/// <param name="Members">The layer, or the group's layers.</param>
/// <param name="IsWeights">The weights change, not the activations.</param>
/// <param name="From">The width before.</param>
/// <param name="To">The width after.</param>
internal sealed record WidthChange(ImmutableArray<int> Members, bool IsWeights, Bitwidth From, Bitwidth To)
{
    /// <summary>The same decision, whatever the widths.</summary>
    public (int Layer, bool IsWeights) Key => (Members[0], IsWeights);

    /// <summary>A policy with the change; null where it does not start from <see cref="From"/>.</summary>
    public Policy? Apply(Policy policy)
    {
        foreach (int member in Members)
        {
            var bits = policy[member];
            if ((IsWeights ? bits.Weights : bits.Activations) != From) return null;
            policy = policy.With(member, IsWeights ? bits with { Weights = To } : bits with { Activations = To });
        }
        return policy;
    }
}
