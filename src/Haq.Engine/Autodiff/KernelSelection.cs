using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Autodiff;

/// <summary>
/// The last pass over a graph: operators that the rules see in their general form are written in the form that runs. With the engine's kernels, depthwise
/// convolutions become the engine's; without, the fake quantizer becomes standard operators.
/// </summary>
internal static class KernelSelection
{
    public static void Apply(GraphBuilder g, KernelSet kernels)
    {
        g.Rewrite(node => Choose(g, node, kernels));
        if (kernels == KernelSet.Custom) ClippedNormalizations.Fuse(g);
    }

    private static Func<Value>? Choose(GraphBuilder g, NodeProto node, KernelSet kernels)
    {
        if (node.Domain == GraphBuilder.CustomDomain && node.OpType == FakeQuantizeOperator.Name && kernels == KernelSet.Standard)
        {
            var (x, scale) = (g[node.Input[0]], g[node.Input[1]]);
            return () => FakeQuantizeOperator.Expand(g, x, scale, g[node.Input[2]], scale.Count == 1 ? -1 : (int)node.Int("axis", 0));
        }
        if (kernels == KernelSet.Custom && node.Is(OpNames.BatchNormalization) && NormRules.HasBatchStatistics(node)) UseTrainingKernel(node);
        return node.Is(OpNames.Conv) ? Convolution(g, node, kernels) : null;
    }

    // The same outputs, so the node itself changes.
    private static void UseTrainingKernel(NodeProto node)
    {
        float epsilon = node.Float("epsilon", 1e-5f);
        node.Become(ClippedNormalizations.Forward, GraphBuilder.CustomDomain, inputs: 3).With("epsilon", epsilon)
            .With("low", float.NegativeInfinity).With("high", float.PositiveInfinity);
    }

    private static Func<Value>? Convolution(GraphBuilder g, NodeProto node, KernelSet kernels)
    {
        var (x, w, y) = (g[node.Input[0]], g[node.Input[1]], g[node.Output[0]]);
        var context = new GradientContext(g, node, kernels, [], [], (_, _) => { });
        var geometry = ConvGeometry.Of(context, w.Shape.AsSpan()[2..], x.Shape.AsSpan()[2..], y.Shape.AsSpan()[2..]);
        int groups = (int)node.Int("group", 1);
        var bias = context.Has(2) ? context.Input(2) : null;
        // As constants, ONNX Runtime lays weights out for itself, which is faster than anything that can be done to a weight that changes.
        if (g.ConstantOf(w) is not null) return null;
        if (kernels == KernelSet.Custom && DepthwiseKernel.Fits(w.Shape, x.Shape, geometry, groups))
            return () => DepthwiseKernel.Forward(g, x, w, bias, y.Shape, geometry);
        if (kernels == KernelSet.Custom && DenseKernel.Fits(g, w, geometry, groups)) return () => DenseKernel.Forward(g, x, w, bias, y.Shape, geometry);
        if (groups == 1 && geometry.IsUnit && geometry.Stride.All(s => s == 1) && ConvGradients.IsSmall(y))
        {
            return () =>
            {
                var product = ConvGradients.Pointwise(g, x, g.Reshape(w, w.Shape[0], w.Shape[1]), y.Shape);
                return bias is null ? product : product + g.Reshape(bias, [w.Shape[0], .. Enumerable.Repeat(1, y.Rank - 2)]);
            };
        }
        return null;
    }
}
