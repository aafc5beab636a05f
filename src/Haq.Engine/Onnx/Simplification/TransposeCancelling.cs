using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>
/// Takes away a Transpose and the one that undoes it, right behind it or behind operators on single numbers. ONNX Runtime (1.31.1) does so in float;
/// between pairs both stay, and move every number twice.
/// </summary>
internal static class TransposeCancelling
{
    public const string Label = "take away transposes that cancel";

    private static readonly HashSet<string> s_elementwise = new(StringComparer.Ordinal)
    {
        OpNames.Relu, OpNames.LeakyRelu, OpNames.Elu, OpNames.Selu, OpNames.Celu, OpNames.Gelu, OpNames.Mish, OpNames.Sigmoid, OpNames.HardSigmoid, OpNames.HardSwish,
        OpNames.Softplus, OpNames.Softsign, OpNames.Tanh, OpNames.Erf, OpNames.ThresholdedRelu, OpNames.Abs, OpNames.Neg, OpNames.Sqrt, OpNames.Exp, OpNames.Log, OpNames.Floor,
        OpNames.Ceil, OpNames.Round, OpNames.Sign, OpNames.Reciprocal, OpNames.Identity, OpNames.Cast,
    };

    /// <summary>Takes away all there are in <paramref name="model"/>, in place, and returns the names of the second of each two.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        NodeNames.Assign(model.Graph);
        var gone = new List<string>();
        while (CancelOne(model) is { } name) gone.Add(name);
        return gone;
    }

    private static string? CancelOne(OnnxModel model)
    {
        var view = new GraphView(model);
        foreach (var first in view.Order.Where(n => n.Is(OpNames.Transpose)))
        {
            var between = new List<NodeProto>();
            if (first.Ints("perm") is not { } order || Undoing(view, first, order, between) is not { } last) continue;
            if (view.IsOutput(last.Output[0]) || view.ConsumersOf(last.Output[0]).Any(c => c.Bodies().Any())) continue;
            var patch = new GraphPatch(model, Label).Remove(first).Remove(last).Rewire(first.Output[0], first.Input[0], last);
            string end = first.Input[0];
            foreach (var node in between)
            {
                // What is said of its shape is not true any more.
                end = patch.FreshName(node.Output[0]);
                patch.Write(node, node.Output[0], end).Rewire(node.Output[0], end);
            }
            patch.Rewire(last.Output[0], end).Apply();
            return last.Name;
        }
        return null;
    }

    private static NodeProto? Undoing(GraphView view, NodeProto first, long[] order, List<NodeProto> between)
    {
        for (string tensor = first.Output[0]; OnlyReader(view, tensor) is { } next; tensor = next.Output[0])
        {
            if (next.Is(OpNames.Transpose)) return next.Ints("perm") is { } back && Enumerable.Range(0, order.Length).All(i => order[back[i]] == i) ? next : null;
            bool onNumbers = OpNames.IsStandard(next.Domain) && (s_elementwise.Contains(next.OpType) || IsClip(view, next));
            if (!onNumbers || next.Output.Count != 1) return null;
            between.Add(next);
        }
        return null;
    }

    private static NodeProto? OnlyReader(GraphView view, string tensor) =>
        !view.IsOutput(tensor) && view.ConsumersOf(tensor) is [var next] && next.InputAt(0) == tensor && next.Input.Count(i => i == tensor) == 1 ? next : null;

    private static bool IsClip(GraphView view, NodeProto node) => node.Is(OpNames.Clip) && node.Input.Skip(1).All(i => i.Length == 0 || view.ConstantOf(i) is not null);
}
