using System.Collections.Immutable;
using Haq.Engine.Layers;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>A layer that can be quantized, and where it is in the graph.</summary>
public sealed record FoundLayer
{
    /// <summary>Its number, name and loop nest.</summary>
    public required QuantizableLayer Layer { get; init; }

    /// <summary>The node: Conv, ConvTranspose, Gemm or MatMul.</summary>
    public required NodeProto Node { get; init; }

    /// <summary>The tensor of activations that it reads.</summary>
    public required string Input { get; init; }

    /// <summary>The constant tensor of weights.</summary>
    public required string Weight { get; init; }

    /// <summary>Which of the node's inputs the weights are: 1, or 0 where the constant stands on the left of a product.</summary>
    public required int WeightInput { get; init; }

    /// <summary>Extents of the weight tensor.</summary>
    public required ImmutableArray<long> WeightShape { get; init; }

    /// <summary>The axis of the weight tensor along which a scale per output channel runs. For ConvTranspose it counts the channels of one group.</summary>
    public required int OutputChannelAxis { get; init; }

    /// <summary>The node's own bias, constant or not; null where it has none. A MatMul's bias is an Add after it.</summary>
    public required string? Bias { get; init; }

    /// <summary>The tensor that it makes.</summary>
    public required string Output { get; init; }

    /// <summary>Numbers in weights and constant bias.</summary>
    public required long Parameters { get; init; }

    /// <summary>It stays in float whatever the policy of the others.</summary>
    public bool IsLeftInFloat { get; init; }

    /// <summary>Names of the other layers that use the same weight tensor.</summary>
    public ImmutableArray<string> SharesWeightWith { get; init; } = [];

    /// <summary>
    /// The weights are more than one matrix, or one behind leading extents of 1. ONNX Runtime's integer product takes a scale per column of a plain matrix only, so all of these share one.
    /// </summary>
    public bool IsStack => Node.Is(OpNames.MatMul) && WeightShape.Length > 2;

    /// <summary>Unique name.</summary>
    public string Name => Layer.Name;

    /// <summary>Multiply-accumulates per sample.</summary>
    public long Macs => Layer.Shape.Macs;
}
