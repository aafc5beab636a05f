using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Convolution and transposed convolution over 1 to 3 spatial dimensions.</summary>
internal static class ConvRules
{
    public static GradientRule[] All { get; } =
    [
        new("Conv", Conv,
            new([Real(2, 3, 6, 7), Real(4, 3, 3, 3), Real(4)], Attributes.Of("pads", 1, 1, 1, 1)),
            new([Real(2, 3, 7, 6), Real(4, 3, 3, 2)], Attributes.Of("strides", 2, 1), Attributes.Of("pads", 1, 0, 0, 1)),
            new([Real(2, 4, 9, 8), Real(6, 2, 3, 3), Real(6)], Attributes.Of("group", 2L), Attributes.Of("dilations", 2, 2), Attributes.Of("pads", 2, 2, 2, 2)),
            new([Real(2, 4, 8, 7), Real(4, 2, 3, 3)], Attributes.Of("group", 2L), Attributes.Of("dilations", 1, 2), Attributes.Of("strides", 2, 3)),
            new([Real(2, 3, 4, 5), Real(5, 3, 1, 1), Real(5)]),
            new([Real(2, 3, 5, 5), Real(5, 3, 1, 1)], Attributes.Of("strides", 2, 2)),
            new([Real(2, 3, 3, 3), Real(5, 3, 1, 1)], Attributes.Of("pads", 1, 0, 0, 1)),
            new([Real(2, 4, 6, 6), Real(4, 1, 3, 3), Real(4)], Attributes.Of("group", 4L), Attributes.Of("pads", 1, 1, 1, 1)),
            new([Real(2, 4, 7, 8), Real(4, 1, 3, 3)], Attributes.Of("group", 4L), Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("strides", 2, 2)),
            new([Real(2, 3, 8, 8), Real(3, 1, 5, 5)], Attributes.Of("group", 3L), Attributes.Of("auto_pad", "SAME_UPPER"), Attributes.Of("strides", 2, 2)),
            new([Real(2, 3, 5, 5), Real(6, 1, 3, 3)], Attributes.Of("group", 3L), Attributes.Of("auto_pad", "SAME_LOWER")),
            new([Real(2, 2, 6, 5), Real(3, 2, 4, 3)], Attributes.Of("auto_pad", "SAME_LOWER"), Attributes.Of("strides", 2, 1)),
            new([Real(2, 2, 6, 5), Real(3, 2, 3, 3)], Attributes.Of("auto_pad", "VALID")),
            new([Real(1, 2, 3, 3), Real(3, 2, 2, 2)], Attributes.Of("pads", 3, 2, 2, 3)),
            new([Real(2, 3, 11), Real(4, 3, 4), Real(4)], Attributes.Of("strides", [3]), Attributes.Of("pads", 1, 2)),
            new([Real(1, 1, 130), Real(2, 1, 60)], Attributes.Of("strides", [20])),
            new([Real(1, 2, 4, 5, 3), Real(3, 2, 2, 3, 2), Real(3)], Attributes.Of("strides", 1, 2, 1), Attributes.Of("pads", 0, 1, 1, 1, 1, 0)),
            new([Real(1, 4, 3, 4, 4), Real(4, 2, 2, 2, 2)], Attributes.Of("group", 2L))),
        new("ConvTranspose", ConvTranspose,
            new([Real(2, 3, 4, 5), Real(3, 4, 3, 3), Real(4)], Attributes.Of("strides", 2, 2), Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("output_padding", 1, 1)),
            new([Real(2, 4, 4, 3), Real(4, 2, 2, 3)], Attributes.Of("group", 2L), Attributes.Of("strides", 1, 2)),
            new([Real(1, 2, 3, 4), Real(2, 3, 3, 3)], Attributes.Of("strides", 3, 2), Attributes.Of("auto_pad", "SAME_UPPER")),
            new([Real(1, 2, 3, 4), Real(2, 3, 3, 3)], Attributes.Of("strides", 3, 2), Attributes.Of("output_shape", 8, 7)),
            new([Real(1, 2, 4, 4), Real(2, 2, 3, 3)], Attributes.Of("dilations", 2, 1)),
            new([Real(2, 3, 5), Real(3, 2, 4), Real(2)], Attributes.Of("strides", [2])),
            new([Real(1, 2, 2, 3, 2), Real(2, 2, 2, 2, 3)], Attributes.Of("strides", 1, 2, 2))),
    ];

    private static void Conv(GradientContext c)
    {
        var (g, x, w) = (c.Graph, c.Input(0), c.Input(1));
        var geometry = ConvGeometry.Of(c, w.Shape.AsSpan()[2..], x.Shape.AsSpan()[2..], c.Y.Shape.AsSpan()[2..]);
        int groups = (int)c.Int("group", 1);
        c.Give(0, () => ConvGradients.Input(g, c.Kernels, c.Gradient, w, x.Shape, geometry, groups));
        c.Give(1, () => ConvGradients.Weight(g, c.Kernels, x, c.Gradient, w.Shape, geometry, groups));
        c.Give(2, () => Bias(c));
    }

    // The transposed operator is the convolution's input gradient, so its own gradients are a convolution and the same weight gradient
    // with the two maps exchanged.
    private static void ConvTranspose(GradientContext c)
    {
        var (g, x, w) = (c.Graph, c.Input(0), c.Input(1));
        var geometry = ConvGeometry.OfTransposed(c, w.Shape.AsSpan()[2..], x.Shape.AsSpan()[2..], c.Y.Shape.AsSpan()[2..]);
        int groups = (int)c.Int("group", 1);
        c.Give(0, () => ConvGradients.Forward(g, c.Gradient, w, x.Shape, geometry, groups));
        c.Give(1, () => ConvGradients.Weight(g, c.Kernels, c.Gradient, x, w.Shape, geometry, groups));
        c.Give(2, () => Bias(c));
    }

    private static Value Bias(GradientContext c) =>
        c.Graph.Sum(c.Gradient, [0, .. Enumerable.Range(2, c.Y.Rank - 2)], keep: false);
}
