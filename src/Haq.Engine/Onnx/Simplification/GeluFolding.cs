using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>
/// Writes x · (1 + erf(x/√2)) / 2, and x · (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 (Hendrycks and Gimpel, 2016), however they are spelled, as Gelu.
/// ONNX Runtime (1.31.1) does so for the first where it is in float; the operators of the second each run by themselves.
/// </summary>
internal static class GeluFolding
{
    public const string Label = "write GELU as one operator";

    // Gelu came with this operator set.
    private const int Opset = 20;

    private static readonly double s_root = Math.Sqrt(2 / Math.PI);

    /// <summary>Rewrites all there are in <paramref name="model"/>, in place, and returns the names of the operators that they were built around.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        if (model.OpsetOf() < Opset) return [];
        NodeNames.Assign(model.Graph);
        var folded = new List<string>();
        while (FoldOne(model) is { } name) folded.Add(name);
        return folded;
    }

    private static string? FoldOne(OnnxModel model)
    {
        var view = new GraphView(model);
        foreach (var bent in view.Order.Where(n => n.Is(OpNames.Erf) || n.Is(OpNames.Tanh)))
        {
            if (OnlyReader(view, bent) is not { } sum || !sum.Is(OpNames.Add) || Other(view, sum, bent.Output[0]) is not { Constant: 1f } || Product(view, sum) is not { } product) continue;
            var argument = new PolynomialOf(view, product.Factor);
            bool isTanh = bent.Is(OpNames.Tanh);
            if (!argument.Is(bent.Input[0], isTanh ? [0, s_root, 0, 0.044715 * s_root] : [0, Math.Sqrt(0.5), 0, 0])) continue;
            List<NodeProto> gone = [bent, sum, .. product.Nodes, .. argument.Nodes];
            gone.Remove(product.Last);
            if (!gone.Distinct().All(n => IsReadWithin(view, n, gone, product.Last))) continue;
            var gelu = OnnxNode.Of(OpNames.Gelu, [product.Factor], [product.Last.Output[0]], bent.Name);
            if (isTanh) gelu = gelu.With("approximate", "tanh");
            var patch = new GraphPatch(model, Label).Replace(product.Last, gelu);
            foreach (var node in gone.Distinct()) patch.Remove(node);
            patch.Apply();
            return bent.Name;
        }
        return null;
    }

    // The sum times x times a half, in any order.
    private static (NodeProto Last, string Factor, NodeProto[] Nodes)? Product(GraphView view, NodeProto sum)
    {
        if (OnlyReader(view, sum) is not { } first || !first.Is(OpNames.Mul)) return null;
        var one = Other(view, first, sum.Output[0]);
        if (one.Constant is null && view.ProducerOf(one.Tensor) is { } half && half.Is(OpNames.Mul))
        {
            for (int i = 0; i < 2; i++)
                if (Constant(view, half.Input[i]) is 0.5f) return (first, half.Input[1 - i], [first, half]);
        }
        if (OnlyReader(view, first) is not { } second || !second.Is(OpNames.Mul)) return null;
        var two = Other(view, second, first.Output[0]);
        return (one.Constant, two.Constant) switch
        {
            (null, 0.5f) => (second, one.Tensor, [first, second]),
            (0.5f, null) => (second, two.Tensor, [first, second]),
            _ => null,
        };
    }

    private static (string Tensor, float? Constant) Other(GraphView view, NodeProto node, string tensor)
    {
        string other = node.Input[0] == tensor ? node.Input[1] : node.Input[0];
        return (other, Constant(view, other));
    }

    private static float? Constant(GraphView view, string tensor) => PolynomialOf.Scalar(view, tensor);

    private static NodeProto? OnlyReader(GraphView view, NodeProto node) =>
        !view.IsOutput(node.Output[0]) && view.ConsumersOf(node.Output[0]) is [var only] && !only.Bodies().Any() ? only : null;

    private static bool IsReadWithin(GraphView view, NodeProto node, List<NodeProto> gone, NodeProto last) =>
        !view.IsOutput(node.Output[0]) && view.ConsumersOf(node.Output[0]).All(c => c == last || gone.Contains(c));
}
