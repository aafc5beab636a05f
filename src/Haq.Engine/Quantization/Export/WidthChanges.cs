using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Tensors;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Brings 8-bit tensors to 16 bits where they are joined to 16-bit ones, through a QuantizeLinear behind their DequantizeLinear: compilers for NPUs
/// want one width at a sum or a concatenation. The 16-bit
/// grid holds the 8-bit one (a 256th of its scale, 256 times its zero point), so that not one bit of the result changes.
/// </summary>
internal static class WidthChanges
{
    private const int Finer = 256;

    /// <summary>Inserts the pairs, in place.</summary>
    public static void Apply(OnnxModel model)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "one width at joins");
        bool any = false;
        foreach (var node in view.Order.Where(n => OpFamilies.IsJoin(n) || n.Is(OpNames.Concat)))
        {
            var types = node.Input.Select(i => TypeOf(view, i)).ToArray();
            if (!types.Contains(DataType.Uint16)) continue;
            for (int i = 0; i < types.Length; i++)
            {
                if (types[i] != DataType.Uint8 || Finest(view, view.ProducerOf(node.Input[i])!) is not { } grid) continue;
                string stem = patch.FreshStem($"{node.Input[i]}_widened");
                patch.Put(TensorData.Scalar($"{stem}.scale", grid.Scale));
                patch.Put(TensorData.Scalar($"{stem}.zero_point", DataType.Uint16, grid.Zero));
                patch.Add(OnnxNode.Of(OpNames.QuantizeLinear, [node.Input[i], $"{stem}.scale", $"{stem}.zero_point"], [$"{stem}.quantized"], $"{stem}.QuantizeLinear"), node);
                patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}.quantized", $"{stem}.scale", $"{stem}.zero_point"], [$"{stem}.dequantized"], $"{stem}.DequantizeLinear"), node);
                patch.Read(node, i, $"{stem}.dequantized");
                any = true;
            }
        }
        if (any) patch.Apply();
    }

    private static DataType? TypeOf(GraphView view, string tensor) =>
        view.ProducerOf(tensor) is { } node && node.Is(OpNames.DequantizeLinear) && view.ProducerOf(node.Input[0]) is { } quantize && quantize.Is(OpNames.QuantizeLinear)
        && view.ConstantOf(node.InputAt(2)) is { } zero ? TensorData.TypeOf(zero) : null;

    // Scales so small that a 256th of them has fewer bits stay: there is no grid that holds theirs.
    private static (float Scale, int Zero)? Finest(GraphView view, NodeProto dequantize)
    {
        if (view.Floats(dequantize.Input[1]) is not [var scale] || view.Longs(dequantize.Input[2]) is not [var zero]) return null;
        return float.IsNormal(scale / Finer) ? (scale / Finer, (int)zero * Finer) : null;
    }
}
