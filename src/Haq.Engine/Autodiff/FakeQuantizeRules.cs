using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>
/// The engine's fake quantizer, y = s·q with q = clamp(round(x/s − o) + o, low, high), inputs (x, step s, settings). The step is one number, or one per channel of
/// an axis; the settings are the four numbers (low, high, o, gradient scale), so that one graph serves every width. o is 0, or ½ for one-bit weights, whose
/// levels are ±½ of a doubled step. Its gradient is not the derivative, which is zero almost everywhere: rounding passes the gradient straight through
/// within the range (Bengio et al. 2013). The step learns by LSQ (Esser et al. 2020, eq. 3): ∂y/∂s = q − x/s inside and q outside; or like PACT's clipping
/// point (Choi et al. 2018): q outside and nothing inside.
/// </summary>
internal static class FakeQuantizeRules
{
    public const string Op = "FakeQuantize";

    public static GradientRule[] All { get; } =
    [
        new(Op, Gradient,
            new([Real(4, 6), Positive(1), Numbers(-3, 3, 0, 1)]),
            new([Real(3, 2, 5), Positive(3), Numbers(-1, 2, 0, 1)], Attributes.Of("axis", 0L)),
            new([Real(2, 3, 5), Positive(3), Numbers(0, 3, 0, 1)], Attributes.Of("axis", 1L)),
            new([Real(3, 4), Positive(4), Numbers(-0.5f, 0.5f, 0.5f, 1)], Attributes.Of("axis", 1L)),
            new([Real(4, 6), Positive(1), Numbers(0, 2, 0, 1)], Attributes.Of("clipping", 1L))),
    ];

    /// <summary>Appends a quantizer; an axis of -1 means one step for the whole tensor.</summary>
    public static Value Append(GraphBuilder g, Value x, Value step, Value settings, int axis, bool clippingOnly) =>
        g.Custom(Op, [x, step, settings], [x.Shape],
            axis < 0 ? [Attributes.Of("clipping", clippingOnly ? 1L : 0)] : [Attributes.Of("axis", (long)axis), Attributes.Of("clipping", clippingOnly ? 1L : 0)])[0];

    /// <summary>The forward formula in standard operators, for graphs without the engine's kernels.</summary>
    public static Value Expand(GraphBuilder g, Value x, Value step, Value settings, int axis)
    {
        var s = Broadcastable(g, step, x, axis);
        var (low, high, offset, _) = Settings(g, settings);
        return Level(g, x / s, low, high, offset) * s;
    }

    private static void Gradient(GradientContext c)
    {
        var (g, x, step, settings, dy) = (c.Graph, c.X, c.Input(1), c.Input(2), c.Gradient);
        int axis = step.Count == 1 ? -1 : (int)c.Int("axis", 0);
        bool clipping = c.Int("clipping", 0) != 0;
        if (c.Kernels == KernelSet.Custom)
        {
            var both = g.Custom("FakeQuantizeGradient", [dy, x, step, settings], [x.Shape, step.Shape], [.. c.Node.Attribute]);
            c.Give(0, () => both[0]);
            c.Give(1, () => both[1]);
            return;
        }
        var s = Broadcastable(g, step, x, axis);
        var (low, high, offset, scale) = Settings(g, settings);
        var v = x / s;
        var clamped = g.Binary("Min", g.Binary("Max", v, low), high);
        var inside = g.Compare("Equal", v, clamped);
        c.Give(0, () => g.Mask(inside, dy));
        c.Give(1, () =>
        {
            var q = Level(g, v, low, high, offset);
            var slope = clipping ? g.Where(inside, g.Scalar(0), q) : q - g.Mask(inside, v);
            int[] reduced = [.. Enumerable.Range(0, x.Rank).Where(i => i != axis)];
            return g.Reshape(g.Sum(dy * slope, reduced), step.Shape.AsSpan()) * scale;
        });
    }

    private static Value Level(GraphBuilder g, Value v, Value low, Value high, Value offset) =>
        g.Binary("Min", g.Binary("Max", g.Unary("Round", v - offset) + offset, low), high);

    private static (Value Low, Value High, Value Offset, Value Scale) Settings(GraphBuilder g, Value settings) =>
        (g.Slice(settings, 0, 0, 1), g.Slice(settings, 0, 1, 1), g.Slice(settings, 0, 2, 1), g.Slice(settings, 0, 3, 1));

    private static Value Broadcastable(GraphBuilder g, Value step, Value x, int axis)
    {
        if (axis < 0) return step;
        int[] shape = [.. Enumerable.Repeat(1, x.Rank)];
        shape[axis] = x.Shape[axis];
        return g.Reshape(step, shape);
    }
}
