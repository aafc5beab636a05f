using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Schema;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Export;

/// <summary>Replaces a layer's bias.</summary>
internal static class BiasTensor
{
    private const int BiasInput = 2;

    /// <summary>Lets <paramref name="node"/> (Conv, ConvTranspose or Gemm; a MatMul has none) add <paramref name="bias"/>: through a DequantizeLinear where it is of integers.</summary>
    /// <exception cref="ArgumentException">The node is a MatMul.</exception>
    public static void Put(GraphPatch patch, NodeProto node, FoundLayer found, LayerBias bias)
    {
        Attach(node, found);
        string name = NameFor(found);
        if (bias.Integers is not { } integers)
        {
            patch.Put(TensorData.Of(name, [bias.Values.Length], bias.Values.AsSpan()));
            return;
        }
        patch.Put(TensorData.Of($"{name}.quantized", DataType.Int32, [integers.Length], [.. integers.Select(i => (long)i)]));
        patch.Put(TensorData.Of($"{name}.scale", [integers.Length], bias.Scales.AsSpan()));
        patch.Put(TensorData.Of($"{name}.zero_point", DataType.Int32, [integers.Length], new long[integers.Length]));
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [$"{name}.quantized", $"{name}.scale", $"{name}.zero_point"], [name], $"{name}.DequantizeLinear").With("axis", 0), node);
    }

    /// <summary>Lets <paramref name="node"/> read the new bias, which is still to be put in.</summary>
    /// <exception cref="ArgumentException">The node is a MatMul.</exception>
    public static void Attach(NodeProto node, FoundLayer found)
    {
        if (node.Is(OpNames.MatMul)) throw new ArgumentException($"'{found.Name}' has no bias to replace", nameof(node));
        while (node.Input.Count <= BiasInput) node.Input.Add("");
        node.Input[BiasInput] = NameFor(found);
    }

    /// <summary>The name of the new bias.</summary>
    public static string NameFor(FoundLayer found) => $"{found.Name}.quantized_bias";
}
