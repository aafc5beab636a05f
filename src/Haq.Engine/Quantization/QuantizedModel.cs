using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization;

/// <summary>A prepared float model and the numbers that a policy gives to each of its layers. What is exported and what is evaluated are both made from this alone.</summary>
/// <param name="Model">The prepared float model; not changed.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Layers">By layer index.</param>
public sealed record QuantizedModel(OnnxModel Model, Policy Policy, ImmutableArray<QuantizedLayer> Layers)
{
    /// <summary>Tensors between layers that are quantized too, so that sums, concatenations and averages run on integers.</summary>
    public ImmutableArray<QuantizedJunction> Junctions { get; init; } = [];

    /// <summary>The shapes of the inputs that the network was quantized for: sizes that it takes.</summary>
    public IReadOnlyDictionary<string, long[]> InputShapes { get; init; } = ImmutableDictionary<string, long[]>.Empty;

    /// <summary>Tables that rows are looked up in, stored in 8 bits.</summary>
    public ImmutableArray<QuantizedTable> Tables { get; init; } = [];

    /// <summary>
    /// New values of constants that are no layer's weight or bias, by the name that they have in <see cref="Model"/>: what training changed of normalizations and of additions after
    /// matrix products. Their extents are the model's.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableArray<float>> Constants { get; init; } = ImmutableSortedDictionary.Create<string, ImmutableArray<float>>(StringComparer.Ordinal);

    /// <summary>Layers read the tensor through the very quantizer that the junction has: one pair serves both.</summary>
    internal bool SharesWithLayer(QuantizedJunction junction) => ReaderOf(junction) is not null;

    /// <summary>The first layer that reads a junction's tensor through its very quantizer; null where none does.</summary>
    internal QuantizedLayer? ReaderOf(QuantizedJunction junction) =>
        junction.Junction.IsOutput ? null : Layers.FirstOrDefault(l => l.Found.Input == junction.Junction.Tensor && l.Activation == junction.Quantizer);

    /// <summary>The target that it is written for; null for ONNX Runtime on a processor.</summary>
    public DialectForm? Form { get; init; }

    /// <summary>The tensors of <see cref="Constants"/>.</summary>
    internal IEnumerable<TensorProto> ConstantTensors()
    {
        if (Constants.IsEmpty) yield break;
        var view = new GraphView(Model);
        foreach (var (name, values) in Constants)
            yield return TensorData.Of(name, [.. view.ConstantOf(name)!.Dims], values.AsSpan());
    }
}
