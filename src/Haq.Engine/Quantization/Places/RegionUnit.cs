using System.Collections.Immutable;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Places;

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

    /// <summary>It has a form with a scale of every run: a product with one matrix on the right.</summary>
    public bool CanBeDynamic { get; init; }

    /// <summary>The weights of a row that share a scale in its forms with blocks; 0 where it has none.</summary>
    public int Block { get; init; }

    /// <summary>The table that it looks rows up in; null for everything else.</summary>
    public FoundTable? Table { get; init; }

    /// <summary>It can be computed in that form.</summary>
    public bool Has(UnitForm form) => form switch
    {
        UnitForm.Float => true,
        UnitForm.Integers => CanBeInteger,
        UnitForm.Dynamic => CanBeDynamic,
        UnitForm.Blocks8 or UnitForm.Blocks4 => Block > 0,
        UnitForm.Rows8 => Table is not null,
        UnitForm.Rows4 => Table is { } table && QuantizedTable.HasBlocks(table),
        _ => false,
    };

    /// <summary>It only moves or selects values: in integers, its result has the scale of what it reads.</summary>
    public bool KeepsValues { get; init; }
}
