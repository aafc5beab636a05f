using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>Writes a MatMul of two matrices with constant weights, and the addition of a constant row behind it, as a Gemm: a target that wants integer biases has a place for one there.</summary>
internal static class ProductFolding
{
    public const string Label = "write MatMul and Add as Gemm";

    /// <summary>Rewrites all there are in <paramref name="model"/>, in place, and returns their names.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model, IReadOnlyDictionary<string, long[]>? inputShapes)
    {
        var view = new GraphView(model);
        var products = view.Order.Where(n => n.Is(OpNames.MatMul) && view.ConstantOf(n.Input[1]) is { Dims.Count: 2 } && view.ConstantOf(n.Input[0]) is null).ToList();
        if (products.Count == 0) return [];
        var shapes = ShapeInference.Infer(view, inputShapes);
        var patch = new GraphPatch(model, Label);
        var folded = new List<string>();
        foreach (var product in products)
        {
            if (!shapes.TryGet(product.Input[0], out var type) || type is not { Rank: 2, Type: DataType.Float } || view.IsOutput(product.Output[0])) continue;
            if (view.ConsumersOf(product.Output[0]) is not [var add] || !add.Is(OpNames.Add)) continue;
            string bias = add.Input[add.Input[0] == product.Output[0] ? 1 : 0];
            if (view.ConstantOf(bias) is not { } row || row.Dims.LastOrDefault() != view.ConstantOf(product.Input[1])!.Dims[1] || TensorData.Count(row) != row.Dims[^1] || row.Dims.Count > 2) continue;
            string flat = bias;
            if (row.Dims.Count == 2)
            {
                flat = patch.FreshName($"{bias}.row");
                patch.Put(TensorData.Of(flat, [row.Dims[^1]], view.Floats(bias)!));
            }
            patch.Remove(add);
            patch.Replace(product, OnnxNode.Of(OpNames.Gemm, [product.Input[0], product.Input[1], flat], [add.Output[0]], product.Name));
            folded.Add(product.Name);
        }
        if (folded.Count > 0) patch.Apply();
        return folded;
    }
}
