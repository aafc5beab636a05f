using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Reductions over axes (an input since operator set 18; ReduceSum's since 13).</summary>
internal static class ReduceRules
{
    private static readonly RuleExample[] s_examples =
    [
        new([Real(2, 3, 4), Integers(1)]), new([Real(2, 3, 4), Integers(0, -1)], Attributes.Of("keepdims", 0L)), new([Real(2, 3)]),
        new([Real(2, 3)], Attributes.Of("noop_with_empty_axes", 1L)),
    ];

    public static GradientRule[] All { get; } =
    [
        Reduction("ReduceSum", (c, dy, y) => dy),
        Reduction("ReduceMean", (c, dy, y) => dy * ((float)y.Count / c.X.Count)),
        Reduction("ReduceL2", (c, dy, y) => c.X * (dy / y)),
        Reduction("ReduceSumSquare", (c, dy, y) => c.X * (dy * 2)),
        Reduction("ReduceL1", (c, dy, y) => c.Graph.Unary("Sign", c.X) * dy),
        Reduction("ReduceLogSumExp", (c, dy, y) => c.Graph.Unary("Exp", c.X - y) * dy),
        Reduction("ReduceMax", Selected),
        Reduction("ReduceMin", Selected),
    ];

    // Equal extrema share the gradient, as in PyTorch's amax.
    private static Value Selected(GradientContext c, Value dy, Value y)
    {
        var hit = c.Graph.ToFloat(c.Graph.Compare("Equal", c.X, y));
        return hit * (dy / c.Graph.ReduceTo(hit, y.Shape.AsSpan()));
    }

    private static GradientRule Reduction(string op, Func<GradientContext, Value, Value, Value> gradient) => new(op, c => c.Give(0, () =>
    {
        if (Axes(c) is not { } axes) return Identity(c);
        int[] kept = [.. c.X.Shape];
        foreach (int axis in axes) kept[axis] = 1;
        var dx = gradient(c, c.Graph.Reshape(c.Gradient, kept), c.Graph.Reshape(c.Y, kept));
        return c.Graph.Expand(dx, c.X.Shape.AsSpan());
    }), s_examples)
    {
        Refuse = c => c.NeedsConstant(1),
    };

    // Without axes and with noop_with_empty_axes the operator applies elementwise, and for sum and mean it is the identity.
    private static Value Identity(GradientContext c) => c.Node.OpType switch
    {
        "ReduceSumSquare" => c.X * c.Gradient * 2,
        "ReduceL1" or "ReduceL2" => c.Graph.Unary("Sign", c.X) * c.Gradient,
        _ => c.Gradient,
    };

    private static int[]? Axes(GradientContext c)
    {
        if (c.Integers(1) is { Length: > 0 } axes) return [.. axes.Select(a => GradientContext.Wrap((int)a, c.X.Rank))];
        return c.Int("noop_with_empty_axes", 0) != 0 ? null : [.. Enumerable.Range(0, c.X.Rank)];
    }
}
