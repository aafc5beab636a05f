using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Softmax and its logarithm along one axis (operator sets from 13 on).</summary>
internal static class SoftmaxRules
{
    private static readonly RuleExample[] s_examples =
    [
        new([Real(2, 5)]), new([Real(2, 3, 4)], Attributes.Of("axis", 1L)), new([Real(3, 2, 4)], Attributes.Of("axis", -3L)),
    ];

    public static GradientRule[] All { get; } =
    [
        // dx = y ⊙ (dy − Σ dy ⊙ y)
        new("Softmax", c => c.Give(0, () => c.Y * (c.Gradient - c.Graph.Sum(c.Gradient * c.Y, [c.Axis("axis", -1, c.Y.Rank)]))), s_examples),
        // dx = dy − exp(y)·Σ dy
        new("LogSoftmax", c => c.Give(0, () => c.Gradient - c.Graph.Unary("Exp", c.Y) * c.Graph.Sum(c.Gradient, [c.Axis("axis", -1, c.Y.Rank)])), s_examples),
    ];
}
