using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Replaces a layer's bias: its own input, or the Add after a MatMul, which is put in where there is none.</summary>
internal static class BiasTensor
{
    private const int BiasInput = 2;

    /// <summary>Lets the layer's node in <paramref name="graph"/> add its new bias: through a DequantizeLinear where that is of integers.</summary>
    /// <exception cref="ArgumentException">The layer has no place for one.</exception>
    public static void Put(GraphPatch patch, QuantizedGraph graph, QuantizedLayer layer)
    {
        var reader = Attach(graph.Source, patch, graph.NodeOf, layer.Found);
        var bias = layer.Bias!;
        string name = NameFor(layer.Found);
        long[] shape = ShapeFor(graph.Source, layer.Found);
        if (bias.Integers is not { } integers)
        {
            patch.Put(TensorData.Of(name, shape, bias.Values.AsSpan()));
            return;
        }
        patch.Put(TensorData.Of($"{name}.quantized", DataType.Int32, shape, [.. integers.Select(i => (long)i)]));
        if (graph.Form is { PerTensorBiases: true } && bias.Scales.AsSpan().IndexOfAnyExcept(bias.Scales[0]) < 0)
        {
            patch.Put(TensorData.Scalar($"{name}.scale", bias.Scales[0])).Put(TensorData.Of($"{name}.zero_point", DataType.Int32, [], [0L]));
            patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [$"{name}.quantized", $"{name}.scale", $"{name}.zero_point"], [name], $"{name}.DequantizeLinear"), reader);
            return;
        }
        patch.Put(TensorData.Of($"{name}.scale", [integers.Length], bias.Scales.AsSpan()));
        patch.Put(TensorData.Of($"{name}.zero_point", DataType.Int32, [integers.Length], new long[integers.Length]));
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, [$"{name}.quantized", $"{name}.scale", $"{name}.zero_point"], [name], $"{name}.DequantizeLinear");
        patch.Add(dequantize.With("axis", Array.IndexOf(shape, integers.Length)), reader);
    }

    /// <summary>Lets the layer's node read a bias that is still to be put in; returns the node that reads it.</summary>
    /// <param name="source">The float model.</param>
    /// <param name="patch">Of the copy of it that is changed.</param>
    /// <param name="nodeOf">The copy's node of a name.</param>
    /// <param name="found">The layer.</param>
    /// <exception cref="ArgumentException">The layer has no place for one.</exception>
    public static NodeProto Attach(GraphView source, GraphPatch patch, Func<string, NodeProto> nodeOf, FoundLayer found)
    {
        var place = BiasPlace.Of(source, found) ?? throw new ArgumentException($"'{found.Name}' has no bias to replace", nameof(found));
        var node = nodeOf(found.Name);
        if (place.Added is { } added)
        {
            var add = nodeOf(added.Name);
            patch.Read(add, place.AddedInput, NameFor(found));
            return add;
        }
        if (node.Is(OpNames.MatMul))
        {
            string product = $"{found.Name}.without_bias", output = node.Output[0];
            var add = OnnxNode.Of(OpNames.Add, [product, NameFor(found)], [output], patch.FreshName($"{found.Name}.Add"));
            patch.Write(node, output, product).AddBehind(node, add);
            return add;
        }
        patch.Read(node, BiasInput, NameFor(found));
        return node;
    }

    /// <summary>The name of the new bias.</summary>
    public static string NameFor(FoundLayer found) => $"{found.Name}.quantized_bias";

    /// <summary>The extents of the new bias.</summary>
    public static long[] ShapeFor(GraphView source, FoundLayer found) => BiasPlace.Of(source, found)!.Shape;
}
