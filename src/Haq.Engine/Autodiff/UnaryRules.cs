using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Autodiff;

/// <summary>Elementwise functions of one input.</summary>
internal static class UnaryRules
{
    private const float TwoOverRootPi = 1.1283791671f;

    public static GradientRule[] All { get; } =
    [
        new("Identity", c => c.Give(0, () => c.Gradient), new RuleExample([Real(2, 3)])),
        new("Cast", c => c.Give(0, () => c.X.Type == c.Y.Type ? c.Gradient : c.Graph.Node("Cast", c.X.Type, [c.Gradient], c.X.Shape, Attributes.Of("to", (long)c.X.Type))),
            new RuleExample([Real(2, 3)], Attributes.Of("to", (long)DataType.Float))),
        // Outside training, which is how exported graphs run, dropout passes its input.
        new("Dropout", c => c.Give(0, () => c.Gradient), new RuleExample([Real(2, 3)])) { Refuse = c => c.Has(2) ? c.NeedsConstant(2) : null },
        Function("Neg", Any, c => -c.Gradient),
        Function("Abs", Any, c => c.Gradient * c.Graph.Unary("Sign", c.X)),
        Function("Sqrt", AboveZero, c => c.Gradient * (0.5f / c.Y)),
        Function("Exp", Any, c => c.Gradient * c.Y),
        Function("Log", AboveZero, c => c.Gradient / c.X),
        Function("Reciprocal", AboveZero, c => -(c.Gradient * c.Y * c.Y)),
        Function("Erf", Any, c => c.Gradient * c.Graph.Unary("Exp", -(c.X * c.X)) * TwoOverRootPi),
        Function("Sin", Any, c => c.Gradient * c.Graph.Unary("Cos", c.X)),
        Function("Cos", Any, c => -(c.Gradient * c.Graph.Unary("Sin", c.X))),
    ];

    private static RuleExample Any => new([Real(2, 3, 4)]);

    private static RuleExample AboveZero => new([Positive(2, 3, 4)]);

    private static GradientRule Function(string op, RuleExample example, Func<GradientContext, Value> gradient) =>
        new(op, c => c.Give(0, () => gradient(c)), example);
}
