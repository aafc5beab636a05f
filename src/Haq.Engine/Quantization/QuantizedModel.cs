using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization;

/// <summary>A prepared float model and the numbers that a policy gives to each of its layers. What is exported and what is evaluated are both made from this alone.</summary>
/// <param name="Model">The prepared float model; not changed.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Layers">By layer index.</param>
public sealed record QuantizedModel(OnnxModel Model, Policy Policy, ImmutableArray<QuantizedLayer> Layers)
{
    /// <summary>Tensors between layers that are quantized too, so that sums, concatenations and averages run on integers.</summary>
    public ImmutableArray<QuantizedJunction> Junctions { get; init; } = [];

    /// <summary>Tables that rows are looked up in, stored in 8 bits.</summary>
    public ImmutableArray<QuantizedTable> Tables { get; init; } = [];
}
