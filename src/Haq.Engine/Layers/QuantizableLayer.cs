using System.Collections.Immutable;

namespace Haq.Engine.Layers;

/// <summary>One layer whose bits are chosen.</summary>
/// <param name="Index">Position in execution order among the quantizable layers: the key of every table.</param>
/// <param name="Name">Unique name: the node's, or one derived from its output when the node has none or shares it.</param>
/// <param name="Shape">The loop nest.</param>
/// <param name="ActivationGroup">
/// Layers with the same number share their activation bits, because they read one tensor. Groups are numbered by their first layer's <see cref="Index"/>.
/// </param>
public sealed record QuantizableLayer(int Index, string Name, LayerShape Shape, int ActivationGroup)
{
    /// <summary>How often what is no layer reads or writes the tensor, where it is one between layers.</summary>
    public int Passes { get; init; }

    /// <summary>Indices of the tensors that are brought to its width because they are joined to it: summed, multiplied, concatenated.</summary>
    public ImmutableArray<int> Joined { get; init; } = [];

    /// <summary>
    /// Indices of the layers that read this one's output, directly or through operators that pass it on; empty where something else does, too
    /// (its width is then not this network's choice), or where that is not known.
    /// </summary>
    public ImmutableArray<int> Consumers { get; init; } = [];
}
