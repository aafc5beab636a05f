using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>
/// Writes Gemm nodes with constant weights as a MatMul and an Add: ONNX Runtime has a kernel for blocks of 4-bit weights behind a MatMul only. The MatMul keeps the node's name, and outputs stay the
/// same but for float32 rounding.
/// </summary>
internal static class GemmSplitting
{
    /// <summary>Rewrites all there are in <paramref name="model"/>, in place, and returns their names.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        NodeNames.Assign(model.Graph);
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "write Gemm as MatMul and Add");
        var split = new List<string>();
        foreach (var node in view.Order)
            if (LayerParts.Of(view, node) is { WeightInput: 1 } parts && node.Is(OpNames.Gemm) && Split(view, patch, node, parts)) split.Add(node.Name);
        patch.Apply();
        return split;
    }

    private static bool Split(GraphView view, GraphPatch patch, NodeProto node, LayerParts parts)
    {
        var weight = view.ConstantOf(parts.Weight)!;
        bool transposed = node.Int("transB", 0) != 0;
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        bool asStored = !transposed && alpha == 1;
        if (node.Int("transA", 0) != 0 || TensorData.TypeOf(weight) != DataType.Float) return false;
        // A copy of weights that others read would store them twice.
        if (!asStored && (view.ConsumersOf(parts.Weight).Count > 1 || view.IsOutput(parts.Weight))) return false;
        string? bias = beta == 0 ? null : parts.Bias;
        if (bias is not null && beta != 1)
        {
            if (view.Floats(bias) is not { } values) return false;
            string scaled = patch.FreshName($"{bias}.scaled");
            patch.Put(TensorData.Of(scaled, [.. view.ConstantOf(bias)!.Dims], [.. values.Select(v => v * beta)]));
            bias = scaled;
        }
        string columns = parts.Weight;
        if (!asStored)
        {
            columns = patch.FreshName($"{parts.Weight}.columns");
            if (view.ProducerOf(parts.Weight) is { } made) patch.Remove(made);
            else patch.RemoveInitializer(parts.Weight);
            patch.Put(Columns(weight, view.Floats(parts.Weight)!, transposed, alpha, columns));
        }
        string output = node.Output[0], product = bias is null ? output : patch.FreshName($"{output}.product");
        var multiply = OnnxNode.Of(OpNames.MatMul, [parts.Input, columns], [product], node.Name);
        if (bias is null) patch.Replace(node, multiply);
        else patch.Replace(node, multiply, OnnxNode.Of(OpNames.Add, [product, bias], [output], patch.FreshName($"{node.Name}.bias_Add")));
        return true;
    }

    private static TensorProto Columns(TensorProto weight, float[] values, bool transposed, float alpha, string name)
    {
        int rows = (int)weight.Dims[0], width = (int)weight.Dims[1];
        float[] columns = new float[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < width; c++)
                columns[transposed ? c * rows + r : r * width + c] = alpha * values[r * width + c];
        }

        return TensorData.Of(name, transposed ? [width, rows] : [rows, width], columns);
    }
}
