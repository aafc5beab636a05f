using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Activation functions. Where a function has a kink, the derivative there is that of the constant side.</summary>
internal static class ActivationRules
{
    private const float RootTwoOverPi = 0.7978845608f, RootHalf = 0.7071067812f, InverseRootTwoPi = 0.3989422804f, Cubic = 0.044715f;

    public static GradientRule[] All { get; } =
    [
        Function("Relu", [new([Real(2, 3, 4)])], c => Bounded(c, 0, float.PositiveInfinity)),
        new("Clip", Clip, new([Real(2, 3, 4), Number(0), Number(1.5f)]), new([Real(2, 3, 4), null, Number(0.5f)]), new([Real(2, 3), Number(-1)]), new([Real(2, 3)])),
        Function("LeakyRelu", [new([Real(2, 3, 4)], Attributes.Of("alpha", 0.2f)), new([Real(2, 3)])],
            c => c.Graph.Where(c.X > 0, c.Gradient, c.Gradient * c.Float("alpha", 0.01f))),
        new("PRelu", c =>
        {
            c.Give(0, () => c.Graph.Where(c.X > 0, c.Gradient, c.Gradient * c.Input(1)));
            c.Give(1, () => c.Graph.Mask(c.X < 0, c.Gradient * c.X));
        }, new RuleExample([Real(2, 3, 4), Real(3, 1)]), new([Real(2, 3), Real(1)])),
        Function("Elu", [new([Real(2, 3)], Attributes.Of("alpha", 0.7f))],
            c => c.Graph.Where(c.X > 0, c.Gradient, c.Gradient * (c.Y + c.Float("alpha", 1)))),
        Function("Selu", [new([Real(2, 3)])], c =>
        {
            float alpha = c.Float("alpha", 1.67326319217681884765625f), gamma = c.Float("gamma", 1.05070102214813232421875f);
            return c.Graph.Where(c.X > 0, c.Gradient * gamma, c.Gradient * (c.Y + alpha * gamma));
        }),
        Function("Celu", [new([Real(2, 3)], Attributes.Of("alpha", 0.7f))], c =>
            c.Graph.Where(c.X > 0, c.Gradient, c.Gradient * (c.Y * (1 / c.Float("alpha", 1)) + 1))),
        Function("Sigmoid", [new([Real(2, 3, 4)])], c => c.Gradient * c.Y * (1 - c.Y)),
        Function("Tanh", [new([Real(2, 3, 4)])], c => c.Gradient * (1 - c.Y * c.Y)),
        Function("Softplus", [new([Real(2, 3)])], c => c.Gradient * c.Graph.Unary("Sigmoid", c.X)),
        Function("Softsign", [new([Real(2, 3)])], c =>
        {
            var slope = 1 / (c.Graph.Unary("Abs", c.X) + 1);
            return c.Gradient * slope * slope;
        }),
        Function("HardSigmoid", [new([new ExampleInput([2, 3, 4], -4, 4)], Attributes.Of("alpha", 1 / 6f)), new([new ExampleInput([2, 6], -4, 4)])],
            c => c.Graph.Mask(Inside(c.Y, 0, 1), c.Gradient * c.Float("alpha", 0.2f))),
        // x·clip(x/6 + 1/2, 0, 1)
        Function("HardSwish", [new([new ExampleInput([2, 3, 4], -4, 4)])], c =>
            c.Gradient * c.Graph.Where(c.X > 3, c.Graph.Scalar(1), c.Graph.Mask(Inside(c.X, -3, float.PositiveInfinity), c.X * (1 / 3f) + 0.5f))),
        Function("Mish", [new([Real(2, 3)])], c =>
        {
            // x·t with t = tanh(softplus(x))
            var t = c.Graph.Unary("Tanh", c.Graph.Unary("Softplus", c.X));
            return c.Gradient * (t + c.X * (1 - t * t) * c.Graph.Unary("Sigmoid", c.X));
        }),
        Function("Gelu", [new([Real(2, 3, 4)]), new([Real(2, 3, 4)], Attributes.Of("approximate", "tanh"))], Gelu),
    ];

    /// <summary>The gradient of a clipping to (low, high), seen from its output.</summary>
    public static Value Bounded(GradientContext c, float low, float high) =>
        c.Kernels == KernelSet.Custom
            ? c.Graph.Custom(ClippedNormalizations.Gate, [c.Gradient, c.Y], [c.Y.Shape], Attributes.Of("low", low), Attributes.Of("high", high))[0]
            : c.Graph.Mask(Inside(c.Y, low, high), c.Gradient);

    private static Value Inside(Value y, float low, float high) =>
        float.IsNegativeInfinity(low) ? y < high : float.IsPositiveInfinity(high) ? y > low : (y > low) & (y < high);

    private static void Clip(GradientContext c)
    {
        // Bounds may be computed (a learned clipping, as PACT's): the gradient of a bound is what it cut off.
        bool constant = (!c.Has(1) || c.Graph.ConstantOf(c.Input(1)) is not null) && (!c.Has(2) || c.Graph.ConstantOf(c.Input(2)) is not null);
        if (constant)
        {
            float low = c.Floats(1) is [var l] ? l : float.NegativeInfinity, high = c.Floats(2) is [var h] ? h : float.PositiveInfinity;
            bool unbounded = float.IsNegativeInfinity(low) && float.IsPositiveInfinity(high);
            c.Give(0, () => unbounded ? c.Gradient : Bounded(c, low, high));
        }
        else
        {
            c.Give(0, () =>
            {
                var dx = c.Gradient;
                if (c.Has(1)) dx = c.Graph.Mask(c.X > c.Input(1), dx);
                return c.Has(2) ? c.Graph.Mask(c.X < c.Input(2), dx) : dx;
            });
        }
        c.Give(1, () => c.Graph.Mask(c.X < c.Input(1), c.Gradient));
        c.Give(2, () => c.Graph.Mask(c.X > c.Input(2), c.Gradient));
    }

    private static Value Gelu(GradientContext c)
    {
        if (c.Text("approximate", "none") == "tanh")
        {
            // y = x/2·(1 + t), t = tanh(√(2/π)·(x + 0.044715·x³))
            var square = c.X * c.X;
            var t = c.Graph.Unary("Tanh", (c.X + c.X * square * Cubic) * RootTwoOverPi);
            var inner = (square * (3 * Cubic) + 1) * RootTwoOverPi;
            return c.Gradient * ((t + 1) * 0.5f + c.X * 0.5f * (1 - t * t) * inner);
        }
        // y = x·Φ(x), so dy/dx = Φ(x) + x·φ(x)
        var cumulative = (c.Graph.Unary("Erf", c.X * RootHalf) + 1) * 0.5f;
        var density = c.Graph.Unary("Exp", c.X * c.X * -0.5f) * InverseRootTwoPi;
        return c.Gradient * (cumulative + c.X * density);
    }

    private static GradientRule Function(string op, RuleExample[] examples, Func<GradientContext, Value> gradient) =>
        new(op, c => c.Give(0, () => gradient(c)), examples);
}
