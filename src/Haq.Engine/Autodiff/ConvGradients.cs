using System.Collections.Immutable;
using Haq.Engine.Graphs;
using Onnx;

namespace Haq.Engine.Autodiff;

/// <summary>The measured best way to write each gradient of a convolution.</summary>
internal static class ConvGradients
{
    /// <summary>Beyond this many kernel positions, one convolution with exchanged axes replaces a product per position.</summary>
    private const int MostPositions = 49;

    /// <summary>Up to this many pixels per map, a 1x1 convolution runs faster as one product over the whole batch.</summary>
    private const int FewPixels = 16;

    /// <summary>Few pixels per map.</summary>
    public static bool IsSmall(Value map) => map.Count / map.Shape[0] / map.Shape[1] <= FewPixels;

    /// <summary>A convolution without bias.</summary>
    public static Value Forward(GraphBuilder g, Value x, Value w, ImmutableArray<int> shape, ConvGeometry geometry, int groups) =>
        g.Node("Conv", [x, w], shape, [.. Window(geometry, groups)]);

    /// <summary>Gradient with respect to the input, of shape <paramref name="shape"/>.</summary>
    public static Value Input(GraphBuilder g, KernelSet kernels, Value dy, Value w, ImmutableArray<int> shape, ConvGeometry geometry, int groups)
    {
        bool unitStride = geometry.Stride.All(s => s == 1);
        if (kernels == KernelSet.Custom && DepthwiseKernel.Fits(w.Shape, shape, geometry, groups))
            return DepthwiseKernel.InputGradient(g, dy, w, shape, geometry);
        if (kernels == KernelSet.Custom && DenseKernel.Fits(g, w, geometry, groups)) return DenseKernel.InputGradient(g, dy, w, shape, geometry);
        if (groups == 1 && geometry.IsUnit && unitStride)
        {
            if (IsSmall(dy)) return Pointwise(g, dy, g.Transpose(g.Reshape(w, w.Shape[0], w.Shape[1]), 1, 0), shape);
        }
        bool flippable = unitStride && Enumerable.Range(0, geometry.Dimensions)
            .All(i => geometry.Before[i] < geometry.Reach(i) && geometry.After[i] < geometry.Reach(i));
        return flippable ? Flipped(g, dy, w, shape, geometry, groups) : Transposed(g, dy, w, shape, geometry, groups);
    }

    /// <summary>Gradient with respect to the weight [M, C/groups, kernel…] of the convolution that maps <paramref name="x"/> to <paramref name="dy"/>'s shape.</summary>
    public static Value Weight(GraphBuilder g, KernelSet kernels, Value x, Value dy, ImmutableArray<int> shape, ConvGeometry geometry, int groups)
    {
        if (kernels == KernelSet.Custom && DepthwiseKernel.Fits(shape, x.Shape, geometry, groups))
            return DepthwiseKernel.WeightGradient(g, x, dy, shape, geometry);
        bool padded = geometry.Before.Any(p => p > 0) || geometry.After.Any(p => p > 0);
        if (kernels == KernelSet.Custom && groups == 1 && geometry.Dimensions == 2)
            return WeightKernel(g, x, dy, shape, geometry);
        if (groups == 1 && geometry.KernelElements > MostPositions) return Exchanged(g, x, dy, shape, geometry);
        if (padded) x = g.Pad(x, [0, 0, .. geometry.Before], [0, 0, .. geometry.After]);
        return ByPosition(g, x, dy, shape, geometry, groups);
    }

    /// <summary>A 1x1 convolution of few pixels: the batch becomes the width of one matrix product. Weight [out, in].</summary>
    public static Value Pointwise(GraphBuilder g, Value x, Value w, ImmutableArray<int> shape)
    {
        int n = x.Shape[0], pixels = (int)(x.Count / n / x.Shape[1]);
        var columns = g.Reshape(g.Transpose(g.Reshape(x, n, x.Shape[1], pixels), 1, 0, 2), x.Shape[1], n * pixels);
        return g.Reshape(g.Transpose(g.Reshape(g.Gemm(w, columns), shape[1], n, pixels), 1, 0, 2), shape.AsSpan());
    }

    // Stride 1: a convolution of dy with the kernel turned around and its channels exchanged within each group.
    private static Value Flipped(GraphBuilder g, Value dy, Value w, ImmutableArray<int> shape, ConvGeometry geometry, int groups)
    {
        int m = w.Shape[0] / groups, c = w.Shape[1];
        var turned = w;
        if (m > 1 || c > 1)
        {
            var split = g.Reshape(w, groups, m, c, geometry.KernelElements);
            turned = g.Reshape(g.Transpose(split, 0, 2, 1, 3), [groups * c, m, .. geometry.Kernel]);
        }
        else
        {
            turned = g.Reshape(w, [groups * c, m, .. geometry.Kernel]);
        }
        int[] axes = [.. Enumerable.Range(0, geometry.Dimensions).Where(i => geometry.Kernel[i] > 1)];
        if (axes.Length > 0)
        {
            turned = g.Slice(turned, [.. axes.Select(i => i + 2)], [.. axes.Select(i => geometry.Kernel[i] - 1)],
                [.. axes.Select(i => geometry.Kernel[i])], [.. axes.Select(_ => -1)]);
        }
        var reverse = geometry with
        {
            Before = [.. Enumerable.Range(0, geometry.Dimensions).Select(i => geometry.Reach(i) - 1 - geometry.Before[i])],
            After = [.. Enumerable.Range(0, geometry.Dimensions).Select(i => geometry.Reach(i) - 1 - geometry.After[i])],
        };
        return Forward(g, dy, turned, shape, reverse, groups);
    }

    private static Value Transposed(GraphBuilder g, Value dy, Value w, ImmutableArray<int> shape, ConvGeometry geometry, int groups)
    {
        // Rows of the input that no window reached, because the stride skipped them, come back as output padding.
        int[] skipped = [.. Enumerable.Range(0, geometry.Dimensions).Select(i =>
            shape[i + 2] - ((dy.Shape[i + 2] - 1) * geometry.Stride[i] + geometry.Reach(i) - geometry.Before[i] - geometry.After[i]))];
        return g.Node("ConvTranspose", [dy, w], shape, [.. Window(geometry, groups), Attributes.Of("output_padding", skipped)]);
    }

    // One product per kernel position, of dy with the input as that position sees it.
    private static Value ByPosition(GraphBuilder g, Value x, Value dy, ImmutableArray<int> shape, ConvGeometry geometry, int groups)
    {
        int n = x.Shape[0], channels = x.Shape[1], outputs = dy.Shape[1], dimensions = geometry.Dimensions;
        int[] size = [.. dy.Shape[2..]], spatial = [.. Enumerable.Range(2, dimensions)], swap = [1, 0, .. spatial];
        int pixels = size.Aggregate(n, (product, extent) => product * extent);
        bool depthwise = shape[1] == 1 && outputs == channels;
        var source = depthwise ? x : g.Transpose(x, swap);
        var rows = depthwise ? dy : g.Reshape(g.Transpose(dy, swap), groups, outputs / groups, pixels);
        if (groups == 1) rows = g.Reshape(rows, outputs, pixels);
        var parts = new List<Value>();
        for (int position = 0; position < geometry.KernelElements; position++)
        {
            int[] starts = new int[dimensions];
            for (int i = dimensions - 1, rest = position; i >= 0; rest /= geometry.Kernel[i--])
                starts[i] = rest % geometry.Kernel[i] * geometry.Dilation[i];
            var seen = g.Slice(source, spatial, starts, size, [.. geometry.Stride]);
            var product = depthwise
                ? g.Sum(seen * dy, [0, .. spatial])
                : groups == 1
                    ? g.Gemm(rows, g.Reshape(seen, channels, pixels), transposeB: true)
                    : g.MatMul(rows, g.SwapLast(g.Reshape(seen, groups, channels / groups, pixels)));
            parts.Add(g.Reshape(product, outputs, shape[1], 1));
        }
        return g.Reshape(g.Concat([.. parts], 2), shape.AsSpan());
    }

    // Batch and channels exchanged: the input is convolved with dy as its kernel, stride and dilation change places.
    private static Value Exchanged(GraphBuilder g, Value x, Value dy, ImmutableArray<int> shape, ConvGeometry geometry)
    {
        int[] swap = [1, 0, .. Enumerable.Range(2, geometry.Dimensions)];
        var window = geometry with { Kernel = dy.Shape[2..], Stride = geometry.Dilation, Dilation = geometry.Stride };
        int[] full = [x.Shape[1], dy.Shape[1], .. Enumerable.Range(0, geometry.Dimensions).Select(i =>
            (x.Shape[i + 2] + geometry.Before[i] + geometry.After[i] - window.Reach(i)) / window.Stride[i] + 1)];
        var whole = Forward(g, g.Transpose(x, swap), g.Transpose(dy, swap), [.. full], window, 1);
        for (int i = 0; i < geometry.Dimensions; i++) whole = g.Slice(whole, i + 2, 0, shape[i + 2]);
        return g.Transpose(whole, swap);
    }

    private static Value WeightKernel(GraphBuilder g, Value x, Value dy, ImmutableArray<int> shape, ConvGeometry geometry) =>
        g.Custom("ConvWeightGradient", [dy, x], [shape],
            Attributes.Of("kernel", geometry.Kernel.AsSpan()), Attributes.Of("strides", geometry.Stride.AsSpan()),
            Attributes.Of("dilations", geometry.Dilation.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]))[0];

    private static IEnumerable<AttributeProto> Window(ConvGeometry geometry, int groups) =>
    [
        Attributes.Of("kernel_shape", geometry.Kernel.AsSpan()), Attributes.Of("strides", geometry.Stride.AsSpan()),
        Attributes.Of("dilations", geometry.Dilation.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]),
        Attributes.Of("group", (long)groups),
    ];
}
