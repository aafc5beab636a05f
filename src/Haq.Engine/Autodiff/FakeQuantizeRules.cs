using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>
/// The gradient of <see cref="FakeQuantizeOperator"/>. It is not the derivative, which is zero almost everywhere: rounding passes the gradient straight through
/// within the range (Bengio et al. 2013). The scale learns by LSQ (Esser et al. 2020, eq. 3): ∂y/∂s = q − x/s inside and q outside; or like PACT's clipping
/// point (Choi et al. 2018): q outside and nothing inside.
/// </summary>
internal static class FakeQuantizeRules
{
    public static GradientRule[] All { get; } =
    [
        new(FakeQuantizeOperator.Name, Gradient,
            new([Real(4, 6), Positive(1), Numbers(-3, 3, 0, 1)]),
            new([Real(3, 2, 5), Positive(3), Numbers(-1, 2, 0, 1)], Attributes.Of("axis", 0L)),
            new([Real(2, 3, 5), Positive(3), Numbers(0, 3, 0, 1)], Attributes.Of("axis", 1L)),
            new([Real(3, 4), Positive(4), Numbers(-0.5f, 0.5f, 0.5f, 1)], Attributes.Of("axis", 1L)),
            new([Real(4, 6), Positive(1), Numbers(0, 2, 0, 1)], Attributes.Of("clipping", 1L))),
    ];

    private static void Gradient(GradientContext c)
    {
        var (g, x, scale, settings, dy) = (c.Graph, c.X, c.Input(1), c.Input(2), c.Gradient);
        int axis = scale.Count == 1 ? -1 : (int)c.Int("axis", 0);
        bool clipping = c.Int("clipping", 0) != 0;
        if (c.Kernels == KernelSet.Custom)
        {
            var both = g.Custom("FakeQuantizeGradient", [dy, x, scale, settings], [x.Shape, scale.Shape], [.. c.Node.Attribute]);
            c.Give(0, () => both[0]);
            c.Give(1, () => both[1]);
            return;
        }
        var s = FakeQuantizeOperator.Broadcastable(g, scale, x, axis);
        var (low, high, offset, gradientScale) = FakeQuantizeOperator.Settings(g, settings);
        var v = x / s;
        var clamped = g.Binary("Min", g.Binary("Max", v, low), high);
        var inside = g.Compare("Equal", v, clamped);
        c.Give(0, () => g.Mask(inside, dy));
        c.Give(1, () =>
        {
            var q = FakeQuantizeOperator.Level(g, v, low, high, offset);
            var slope = clipping ? g.Where(inside, g.Scalar(0), q) : q - g.Mask(inside, v);
            int[] reduced = [.. Enumerable.Range(0, x.Rank).Where(i => i != axis)];
            return g.Reshape(g.Sum(dy * slope, reduced), scale.Shape.AsSpan()) * gradientScale;
        });
    }
}
