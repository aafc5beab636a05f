using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Weights that ONNX Runtime would dequantize in every run, since it has no integer kernel for what reads them: found in the graph that a session with default settings makes of the model.
/// </summary>
internal static class UnfusedWeights
{
    /// <summary>Writes them so that they are dequantized once, in place.</summary>
    public static void Fold(OnnxModel model)
    {
        var left = OptimizedGraph.Of(model).Node.Where(n => n.Is(OpNames.DequantizeLinear)).Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        var view = new GraphView(model);
        NodeProto[] weights = [.. view.Order.Where(n => n.Is(OpNames.DequantizeLinear) && left.Contains(n.Name) && view.ConstantOf(n.Input[0]) is not null)];
        if (weights.Length == 0) return;
        var patch = new GraphPatch(model, "dequantize weights once");
        FoldableWeights.Write(view, patch, weights);
        patch.Apply();
    }
}
