using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>
/// Takes a Gemm's alpha and beta into its constant weights and bias. ONNX Runtime (seen up to 1.31.1) makes an integer product of a Gemm whatever its alpha, and loses it there: 22 dB for a half.
/// </summary>
internal static class GemmScaling
{
    public const string Label = "take Gemm's factors into its weights";

    /// <summary>Rewrites all there are in <paramref name="model"/>, in place, and returns their names.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        NodeNames.Assign(model.Graph);
        var view = new GraphView(model);
        var patch = new GraphPatch(model, Label);
        var scaled = new List<string>();
        foreach (var node in view.Order)
        {
            if (!node.Is(OpNames.Gemm) || LayerParts.Of(view, node) is not { } parts) continue;
            float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
            bool scalesBias = beta != 1 && parts.Bias is not null;
            if ((alpha == 1 && !scalesBias) || (scalesBias && view.Floats(parts.Bias!) is null)) continue;
            if (alpha != 1 && (view.ConsumersOf(parts.Weight).Count > 1 || TensorData.TypeOf(view.ConstantOf(parts.Weight)!) != DataType.Float)) continue;
            if (alpha != 1) Scale(view, patch, node, parts.WeightInput, alpha);
            if (scalesBias) Scale(view, patch, node, 2, beta);
            node.Without("alpha").Without("beta");
            scaled.Add(node.Name);
        }
        if (scaled.Count > 0) patch.Apply();
        return scaled;
    }

    private static void Scale(GraphView view, GraphPatch patch, NodeProto node, int input, float factor)
    {
        string from = node.Input[input], to = patch.FreshName($"{from}.scaled");
        patch.Put(TensorData.Of(to, [.. view.ConstantOf(from)!.Dims], [.. view.Floats(from)!.Select(v => v * factor)]));
        node.Input[input] = to;
        if (view.ConsumersOf(from).Count == 1 && view.IsInitializer(from) && !view.IsOutput(from)) patch.RemoveInitializer(from);
    }
}
