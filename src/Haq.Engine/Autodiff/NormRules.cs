using System.Collections.Immutable;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Normalizations. All but the inference form of batch normalization share one formula, over different axes.</summary>
internal static class NormRules
{
    public static GradientRule[] All { get; } =
    [
        new("BatchNormalization", BatchNormalization,
            new([Real(3, 4, 5, 2), Real(4), Real(4), Fixed(-1, 1, 4), Fixed(0.5, 2, 4)], Attributes.Of("epsilon", 1e-3f)),
            new([Real(6, 3), Real(3), Real(3), Fixed(-1, 1, 3), Fixed(0.5, 2, 3)]),
            new([Real(3, 4, 5), Real(4), Real(4), Fixed(-1, 1, 4), Fixed(0.5, 2, 4)], Attributes.Of("training_mode", 1L), Attributes.Of("epsilon", 1e-3f)) { Outputs = 3 },
            new([Real(3, 4, 5, 7), Real(4), Real(4), Fixed(-1, 1, 4), Fixed(0.5, 2, 4)], Attributes.Of("training_mode", 1L), Attributes.Of("momentum", 0f)) { Outputs = 3 }),
        new("LayerNormalization", LayerNormalization,
            new([Real(2, 3, 5), Real(5), Real(5)]), new([Real(2, 3, 4), Real(3, 4)], Attributes.Of("axis", 1L), Attributes.Of("epsilon", 1e-2f))),
        new("InstanceNormalization", c =>
        {
            int[] spatial = [.. Enumerable.Range(2, c.X.Rank - 2)];
            Normalized(c, c.X, PerChannel(c, 1), spatial, c.Float("epsilon", 1e-5f));
        }, new([Real(2, 3, 4, 5), Real(3), Real(3)], Attributes.Of("epsilon", 1e-2f)), new([Real(2, 3, 6), Real(3), Real(3)])),
        new("GroupNormalization", GroupNormalization, new RuleExample([Real(2, 4, 3, 5), Real(4), Real(4)], Attributes.Of("num_groups", 2L)))
        {
            Refuse = c => c.Input(1).Count == c.X.Shape[1] ? null : "its scale is per group (the form before operator set 21)",
        },
    ];

    private static void BatchNormalization(GradientContext c)
    {
        int[] reduced = [0, .. Enumerable.Range(2, c.X.Rank - 2)];
        float epsilon = c.Float("epsilon", 1e-5f);
        if (c.Int("training_mode", 0) != 0)
        {
            if (c.Kernels == KernelSet.Custom && HasBatchStatistics(c.Node))
            {
                int channels = c.X.Shape[1];
                var all = c.Graph.Custom(ClippedNormalizations.Backward, [c.Gradient, c.X, c.Input(1), c.Output(1), c.Output(2)], [c.X.Shape, [channels], [channels]],
                    Attributes.Of("epsilon", epsilon), Attributes.Of("low", float.NegativeInfinity), Attributes.Of("high", float.PositiveInfinity));
                for (int i = 0; i < 3; i++)
                {
                    var gradient = all[i];
                    c.Give(i, () => gradient);
                }
                return;
            }
            Normalized(c, c.X, PerChannel(c, 1), reduced, epsilon);
            return;
        }
        var g = c.Graph;
        var inverse = 1 / g.Unary("Sqrt", PerChannel(c, 4) + epsilon);
        c.Give(0, () => c.Gradient * (PerChannel(c, 1) * inverse));
        c.Give(1, () => Flat(c, g.Sum(c.Gradient * (c.X - PerChannel(c, 3)), reduced) * inverse));
        c.Give(2, () => Flat(c, g.Sum(c.Gradient, reduced)));
    }

    /// <summary>With a momentum of 0 the second and third output of the training form are the batch's own mean and variance.</summary>
    public static bool HasBatchStatistics(NodeProto node) =>
        node.Int("training_mode", 0) != 0 && node.Float("momentum", 0.9f) == 0 && node.Output.Count == 3 && node.Output.All(o => o.Length > 0);

    private static void LayerNormalization(GradientContext c)
    {
        int[] axes = [.. Enumerable.Range(c.Axis("axis", -1, c.X.Rank), c.X.Rank - c.Axis("axis", -1, c.X.Rank))];
        var g = c.Graph;
        var (normalized, inverse) = Standardize(g, c.X, axes, c.Float("epsilon", 1e-5f));
        c.Give(0, () => Through(g, c.Gradient * c.Input(1), normalized, inverse, axes));
        c.Give(1, () => c.Gradient * normalized);
        c.Give(2, () => c.Gradient);
    }

    private static void GroupNormalization(GradientContext c)
    {
        var g = c.Graph;
        int groups = (int)c.Int("num_groups", 1), n = c.X.Shape[0], rest = (int)(c.X.Count / n / groups);
        ImmutableArray<int> folded = [n, groups, rest];
        var (normalized, inverse) = Standardize(g, g.Reshape(c.X, folded.AsSpan()), [2], c.Float("epsilon", 1e-5f));
        int[] reduced = [0, .. Enumerable.Range(2, c.X.Rank - 2)];
        c.Give(0, () => g.Reshape(
            Through(g, g.Reshape(c.Gradient * PerChannel(c, 1), folded.AsSpan()), normalized, inverse, [2]), c.X.Shape.AsSpan()));
        c.Give(1, () => Flat(c, g.Sum(c.Gradient * g.Reshape(normalized, c.X.Shape.AsSpan()), reduced)));
        c.Give(2, () => Flat(c, g.Sum(c.Gradient, reduced)));
    }

    // y = scale·x̂ + bias per channel, x̂ standardized over some axes
    private static void Normalized(GradientContext c, Value x, Value scale, int[] axes, float epsilon)
    {
        var g = c.Graph;
        var (normalized, inverse) = Standardize(g, x, axes, epsilon);
        int[] reduced = [0, .. Enumerable.Range(2, c.X.Rank - 2)];
        c.Give(0, () => Through(g, c.Gradient * scale, normalized, inverse, axes));
        c.Give(1, () => Flat(c, g.Sum(c.Gradient * normalized, reduced)));
        c.Give(2, () => Flat(c, g.Sum(c.Gradient, reduced)));
    }

    /// <summary>x̂ = (x − mean)·inverse, inverse = 1/√(variance + ε).</summary>
    public static (Value Normalized, Value Inverse) Standardize(GraphBuilder g, Value x, int[] axes, float epsilon)
    {
        var centered = x - g.Mean(x, axes);
        var inverse = 1 / g.Unary("Sqrt", g.Mean(centered * centered, axes) + epsilon);
        return (centered * inverse, inverse);
    }

    // dx = inverse·(d − mean(d) − x̂·mean(d ⊙ x̂)), d the gradient with respect to x̂
    private static Value Through(GraphBuilder g, Value d, Value normalized, Value inverse, int[] axes) =>
        inverse * (d - g.Mean(d, axes) - normalized * g.Mean(d * normalized, axes));

    private static Value PerChannel(GradientContext c, int input)
    {
        int[] shape = [.. Enumerable.Repeat(1, c.X.Rank - 1)];
        shape[0] = c.X.Shape[1];
        return c.Graph.Reshape(c.Input(input), shape);
    }

    private static Value Flat(GradientContext c, Value perChannel) => c.Graph.Reshape(perChannel, c.X.Shape[1]);
}
