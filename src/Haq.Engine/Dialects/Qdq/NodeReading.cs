using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Dialects.Qdq;

/// <summary>What comes in at an input of a node.</summary>
internal enum InputKind
{
    /// <summary>The optional input is left out.</summary>
    Absent,

    /// <summary>An activation behind a DequantizeLinear.</summary>
    Quantized,

    /// <summary>A constant stored as integers, or as reals behind a pair.</summary>
    QuantizedConstant,

    /// <summary>A constant of reals.</summary>
    RealConstant,

    /// <summary>An activation of reals with no pair before the node.</summary>
    Real,

    /// <summary>Data that is not quantized: shapes, indices, masks.</summary>
    Other,
}

/// <summary>An input of a node.</summary>
/// <param name="Index">Which one.</param>
/// <param name="Tensor">The tensor that the pair quantizes, or what the node reads where there is no pair.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Grid">The grid, where it is quantized.</param>
/// <param name="Shape">Its extents, where the file says them; -1 for a free one.</param>
internal sealed record InputReading(int Index, string Tensor, InputKind Kind, TensorGrid? Grid, ImmutableArray<long> Shape);

/// <summary>An output of a node.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="IsReal">It holds reals.</param>
/// <param name="Grid">The grid of the QuantizeLinear that reads it; null without one.</param>
/// <param name="OtherReaders">Nodes that read it as it is.</param>
/// <param name="IsGraphOutput">The graph hands it out as it is.</param>
internal sealed record OutputReading(string Tensor, bool IsReal, TensorGrid? Grid, ImmutableArray<NodeProto> OtherReaders, bool IsGraphOutput);

/// <summary>A node that computes, with the pairs around it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Name">Its unique name.</param>
/// <param name="Inputs">In order.</param>
/// <param name="Outputs">Those that are named.</param>
internal sealed record NodeReading(NodeProto Node, string Name, ImmutableArray<InputReading> Inputs, ImmutableArray<OutputReading> Outputs)
{
    /// <summary>The operator as profiles write it: <c>Conv</c>, <c>com.microsoft:Gelu</c>.</summary>
    public string Operator { get; } = OpNames.IsStandard(Node.Domain) ? Node.OpType : $"{Node.Domain}:{Node.OpType}";

    /// <summary>Some of it is quantized.</summary>
    public bool TouchesPairs => Inputs.Any(i => i.Grid is not null) || Outputs.Any(o => o.Grid is not null);

    /// <summary>All reals that it reads are quantized or constant, and at least one activation is quantized.</summary>
    public bool ReadsIntegers => Inputs.Any(i => i.Kind == InputKind.Quantized) && Inputs.All(i => i.Kind != InputKind.Real);
}
