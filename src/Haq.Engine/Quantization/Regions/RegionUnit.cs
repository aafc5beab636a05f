using System.Collections.Immutable;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Regions;

/// <summary>
/// What is computed either in 8-bit integers or in floating point, as a whole: a layer with the activation that its kernel takes in, or an operator between layers that has an integer form.
/// </summary>
/// <param name="Name">The first node's name.</param>
/// <param name="Layer">The layer; null between layers.</param>
/// <param name="Nodes">Names of its nodes, in order.</param>
/// <param name="Inputs">The tensors of activations that it reads, each with the node and the input that it is read through.</param>
/// <param name="Output">The tensor that it makes.</param>
public sealed record RegionUnit(string Name, FoundLayer? Layer, ImmutableArray<string> Nodes, ImmutableArray<RegionInput> Inputs, string Output)
{
    /// <summary>The tensors between its nodes: what is merged into one kernel may leave its border there.</summary>
    public ImmutableArray<string> Inner { get; init; } = [];

    /// <summary>Its integer form gives real numbers as readily as integers, so that nothing has to be quantized behind it.</summary>
    public bool GivesReals { get; init; }

    /// <summary>It has an integer form where it stands.</summary>
    public bool CanBeInteger { get; init; } = true;

    /// <summary>It only moves or selects values: in integers, its result has the step of what it reads.</summary>
    public bool KeepsValues { get; init; }
}
