using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Autodiff;

/// <summary>Pooling over 1 to 3 spatial dimensions.</summary>
internal static class PoolRules
{
    public static GradientRule[] All { get; } =
    [
        new("GlobalAveragePool", c => c.Give(0, () => c.Kernels == KernelSet.Custom
            ? c.Graph.Custom("GlobalPoolGradient", [c.Gradient], [c.X.Shape], Attributes.Of("shape", c.X.Shape.AsSpan()))[0]
            : c.Graph.Expand(c.Gradient * ((float)c.Y.Count / c.X.Count), c.X.Shape.AsSpan())), new([Real(2, 3, 4, 5)]), new([Real(2, 3, 7)])),
        new("GlobalMaxPool", c => c.Give(0, () =>
        {
            var hit = c.Graph.ToFloat(c.Graph.Compare("Equal", c.X, c.Y));
            return hit * (c.Gradient / c.Graph.Sum(hit, [.. Enumerable.Range(2, c.X.Rank - 2)]));
        }), new RuleExample([Real(2, 3, 4, 5)])),
        new("AveragePool", c => c.Give(0, () => AveragePool(c)),
            new([Real(2, 3, 6, 6)], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2)),
            new([Real(2, 3, 6, 7)], Attributes.Of("kernel_shape", 3, 3), Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("strides", 2, 1)),
            new([Real(2, 2, 6, 7)], Attributes.Of("kernel_shape", 3, 3), Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("count_include_pad", 1L)),
            new([Real(1, 2, 7, 8)], Attributes.Of("kernel_shape", 3, 3), Attributes.Of("strides", 2, 2), Attributes.Of("ceil_mode", 1L)),
            new([Real(2, 2, 5, 5)], Attributes.Of("kernel_shape", 3, 2), Attributes.Of("auto_pad", "SAME_UPPER"), Attributes.Of("strides", 2, 2)),
            new([Real(1, 2, 7, 7)], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("dilations", 2, 3)),
            new([Real(2, 3, 9)], Attributes.Of("kernel_shape", [3]), Attributes.Of("strides", [2])),
            new([Real(1, 2, 4, 4, 5)], Attributes.Of("kernel_shape", 2, 2, 2), Attributes.Of("strides", 2, 1, 2))),
        new("MaxPool", c => c.Give(0, () => MaxPool(c)),
            new([Real(2, 3, 6, 6)], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2)),
            new([Real(2, 3, 7, 7)], Attributes.Of("kernel_shape", 3, 3), Attributes.Of("strides", 2, 2), Attributes.Of("pads", 1, 1, 1, 1)),
            new([Real(2, 2, 7, 8)], Attributes.Of("kernel_shape", 3, 3), Attributes.Of("ceil_mode", 1L), Attributes.Of("strides", 2, 2)),
            new([Real(1, 2, 8, 8)], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("dilations", 2, 2), Attributes.Of("auto_pad", "VALID")),
            new([Real(2, 2, 5, 5)], Attributes.Of("kernel_shape", 3, 3), Attributes.Of("auto_pad", "SAME_LOWER"), Attributes.Of("strides", 2, 2)),
            new([Real(2, 3, 9)], Attributes.Of("kernel_shape", [3]), Attributes.Of("strides", [2])),
            new([Real(1, 2, 4, 4, 5)], Attributes.Of("kernel_shape", 2, 2, 2))),
    ];

    private static Value MaxPool(GradientContext c)
    {
        var g = c.Graph;
        // The second output, where each maximum was found, counts through the whole tensor in row-major order.
        var indices = c.Node.Output.Count > 1 && c.Node.Output[1].Length > 0 ? c.Output(1) : g.Extend(c.Node, DataType.Int64, c.Y.Shape);
        if (c.Kernels == KernelSet.Custom) return g.Custom("MaxPoolGradient", [c.Gradient, indices], [c.X.Shape], Attributes.Of("shape", c.X.Shape.AsSpan()))[0];
        int inputs = (int)c.X.Count, outputs = (int)c.Y.Count;
        return g.Reshape(IndexRules.Scatter(g, [inputs], g.Reshape(indices, outputs), g.Reshape(c.Gradient, outputs), 0), c.X.Shape.AsSpan());
    }

    // Every output spreads its gradient evenly over its window: a transposed convolution with ones.
    private static Value AveragePool(GradientContext c)
    {
        var g = c.Graph;
        int[] kernel = c.Ints("kernel_shape")!;
        var geometry = ConvGeometry.Of(c, kernel, c.X.Shape.AsSpan()[2..], c.Y.Shape.AsSpan()[2..]);
        int n = geometry.Dimensions, planes = c.X.Shape[0] * c.X.Shape[1];
        var share = g.Tensor(Shares(geometry, c, c.Int("count_include_pad", 0) != 0), [1, 1, .. c.Y.Shape[2..]]);
        var spread = g.Reshape(c.Gradient * share, [planes, 1, .. c.Y.Shape[2..]]);
        var ones = g.Tensor([.. Enumerable.Repeat(1f, geometry.KernelElements)], [1, 1, .. kernel]);
        // With ceil_mode the last window may leave the padded map, so the padding that is cut off follows from the shapes.
        var (cut, added) = (new int[n], new int[n]);
        for (int i = 0; i < n; i++)
        {
            int full = (c.Y.Shape[i + 2] - 1) * geometry.Stride[i] + geometry.Reach(i), surplus = full - geometry.Before[i] - c.X.Shape[i + 2];
            (cut[i], added[i]) = (Math.Max(0, surplus), Math.Max(0, -surplus));
        }
        var dx = g.Node("ConvTranspose", [spread, ones], [planes, 1, .. c.X.Shape[2..].Select((extent, i) => extent - added[i])],
            Attributes.Of("kernel_shape", kernel), Attributes.Of("strides", geometry.Stride.AsSpan()), Attributes.Of("dilations", geometry.Dilation.AsSpan()),
            Attributes.Of("pads", [.. geometry.Before, .. cut]));
        return g.Reshape(g.Pad(dx, new int[n + 2], [0, 0, .. added]), c.X.Shape.AsSpan());
    }

    // One over the number of elements that each window averages.
    private static float[] Shares(ConvGeometry geometry, GradientContext c, bool countPadding)
    {
        var shares = new float[c.Y.Shape[2..].Aggregate(1, (product, extent) => product * extent)];
        Array.Fill(shares, 1);
        int repeat = shares.Length, period = 1;
        for (int i = geometry.Dimensions - 1; i >= 0; i--)
        {
            int outputs = c.Y.Shape[i + 2], extent = c.X.Shape[i + 2];
            for (int at = 0; at < repeat; at++)
            {
                int start = at / period % outputs * geometry.Stride[i] - geometry.Before[i], counted = 0;
                for (int k = 0; k < geometry.Kernel[i]; k++)
                {
                    int position = start + k * geometry.Dilation[i];
                    bool inside = position >= 0 && position < extent;
                    bool padding = position >= -geometry.Before[i] && position < extent + geometry.After[i];
                    if (inside || (countPadding && padding)) counted++;
                }
                shares[at] /= counted;
            }
            period *= outputs;
        }
        return shares;
    }
}
