using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Export;

/// <summary>Replaces a layer's bias: its own input, or the Add after a MatMul, which is put in where there is none.</summary>
internal static class BiasTensor
{
    private const int BiasInput = 2;

    /// <summary>Lets the layer's node in <paramref name="graph"/> add its new bias: through a DequantizeLinear where that is of integers.</summary>
    /// <exception cref="ArgumentException">The layer has no place for one.</exception>
    public static void Put(GraphPatch patch, QuantizedGraph graph, QuantizedLayer layer)
    {
        var reader = Attach(graph.Source, graph.Model, graph.NodeOf, layer.Found);
        var bias = layer.Bias!;
        string name = NameFor(layer.Found);
        long[] shape = ShapeFor(graph.Source, layer.Found);
        if (bias.Integers is not { } integers)
        {
            patch.Put(TensorData.Of(name, shape, bias.Values.AsSpan()));
            return;
        }
        patch.Put(TensorData.Of($"{name}.quantized", DataType.Int32, shape, [.. integers.Select(i => (long)i)]));
        patch.Put(TensorData.Of($"{name}.scale", [integers.Length], bias.Scales.AsSpan()));
        patch.Put(TensorData.Of($"{name}.zero_point", DataType.Int32, [integers.Length], new long[integers.Length]));
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, [$"{name}.quantized", $"{name}.scale", $"{name}.zero_point"], [name], $"{name}.DequantizeLinear");
        patch.Add(dequantize.With("axis", Array.IndexOf(shape, integers.Length)), reader);
    }

    /// <summary>Lets the layer's node read a bias that is still to be put in; returns the node that reads it.</summary>
    /// <param name="source">The float model.</param>
    /// <param name="copy">The copy of it that is changed.</param>
    /// <param name="nodeOf">The copy's node of a name.</param>
    /// <param name="found">The layer.</param>
    /// <exception cref="ArgumentException">The layer has no place for one.</exception>
    public static NodeProto Attach(GraphView source, OnnxModel copy, Func<string, NodeProto> nodeOf, FoundLayer found)
    {
        var place = BiasPlace.Of(source, found) ?? throw new ArgumentException($"'{found.Name}' has no bias to replace", nameof(found));
        var node = nodeOf(found.Name);
        if (place.Added is { } added)
        {
            var add = nodeOf(added.Name);
            add.Input[place.AddedInput] = NameFor(found);
            return add;
        }
        if (node.Is(OpNames.MatMul))
        {
            string product = $"{found.Name}.without_bias";
            var add = OnnxNode.Of(OpNames.Add, [product, NameFor(found)], [node.Output[0]], Free(copy, $"{found.Name}.Add"));
            node.Output[0] = product;
            copy.Graph.Node.Insert(copy.Graph.Node.IndexOf(node) + 1, add);
            return add;
        }
        while (node.Input.Count <= BiasInput) node.Input.Add("");
        node.Input[BiasInput] = NameFor(found);
        return node;
    }

    private static string Free(OnnxModel model, string stem)
    {
        string name = stem;
        for (int n = 2; model.Graph.Node.Any(other => other.Name == name); n++) name = $"{stem}_{n}";
        return name;
    }

    /// <summary>The name of the new bias.</summary>
    public static string NameFor(FoundLayer found) => $"{found.Name}.quantized_bias";

    /// <summary>The extents of the new bias.</summary>
    public static long[] ShapeFor(GraphView source, FoundLayer found) => BiasPlace.Of(source, found)!.Shape;
}
