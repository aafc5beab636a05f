using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Lets ONNX Runtime (1.29 to 1.31.1) recognize products with blocks of 4-bit weights, which two of its passes prevent. It looks through a Relu or
/// Clip right behind a MatMul for a QuantizeLinear, finds none and
/// gives up; and it makes a Gemm, which has no such kernel, of a MatMul of two matrices and the Add behind it. A Sub in between stops both: of the
/// bias with its sign turned, or of zeros. Neither changes
/// a result.
/// </summary>
internal static class BlockedProducts
{
    /// <summary>Rewrites what stands behind such products, in place.</summary>
    public static void Apply(OnnxModel model, IReadOnlyDictionary<string, long[]> inputShapes)
    {
        var view = new GraphView(model);
        NodeProto[] products = [.. view.Order.Where(n => n.Is(OpNames.MatMul) && view.ProducerOf(n.Input[1]) is { } weights
            && weights.Is(OpNames.DequantizeLinear) && weights.Int("block_size", 0) > 0)];
        if (products.Length == 0) return;
        var shapes = ShapeInference.Infer(view, inputShapes);
        var patch = new GraphPatch(model, "keep blocked products apart");
        foreach (var product in products)
        {
            string output = product.Output[0];
            if (view.IsOutput(output) || view.ConsumersOf(output) is not [var next]) continue;
            bool isMatrix = !shapes.TryGet(output, out var type) || type.Rank == 2;
            if (next.Is(OpNames.Relu) || next.Is(OpNames.Clip))
            {
                long columns = shapes.TryGet(product.Input[1], out var weights) ? weights.Shape[^1] : 0;
                if (columns == 0) continue;
                string zeros = patch.FreshName($"{output}.zeros"), kept = patch.FreshName($"{output}.kept");
                patch.Put(TensorData.Of(zeros, [columns], new float[columns]));
                patch.Add(OnnxNode.Of(OpNames.Sub, [output, zeros], [kept], kept), next);
                patch.Read(next, 0, kept);
            }
            else if (next.Is(OpNames.Add) && isMatrix && Constant(view, next, output) is { } bias)
            {
                string turned = patch.FreshName($"{bias}.negative");
                patch.Put(TensorData.Of(turned, [.. view.ConstantOf(bias)!.Dims], [.. view.Floats(bias)!.Select(v => -v)]));
                patch.Replace(next, OnnxNode.Of(OpNames.Sub, [output, turned], [next.Output[0]], next.Name));
            }
        }
        patch.Apply();
    }

    private static string? Constant(GraphView view, NodeProto add, string product)
    {
        string other = add.Input[0] == product ? add.Input[1] : add.Input[0];
        return view.ConstantOf(other) is { } constant && TensorData.TypeOf(constant) == DataType.Float ? other : null;
    }
}
