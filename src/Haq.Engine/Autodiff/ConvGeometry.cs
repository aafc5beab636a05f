using System.Collections.Immutable;

namespace Haq.Engine.Autodiff;

/// <summary>A window sliding over 1 to 3 spatial dimensions: what convolution and pooling have in common, with auto_pad resolved.</summary>
internal sealed record ConvGeometry(
    ImmutableArray<int> Kernel, ImmutableArray<int> Stride, ImmutableArray<int> Dilation, ImmutableArray<int> Before, ImmutableArray<int> After)
{
    /// <summary>Number of spatial dimensions.</summary>
    public int Dimensions => Kernel.Length;

    /// <summary>Extent of the dilated window.</summary>
    public int Reach(int dimension) => (Kernel[dimension] - 1) * Dilation[dimension] + 1;

    public int KernelElements => Kernel.Aggregate(1, (product, extent) => product * extent);

    public bool IsUnit => KernelElements == 1 && Before.All(p => p == 0) && After.All(p => p == 0);

    /// <summary>The geometry of a convolution or pooling node that maps spatial extents <paramref name="input"/> to <paramref name="output"/>.</summary>
    public static ConvGeometry Of(GradientContext c, ReadOnlySpan<int> kernel, ReadOnlySpan<int> input, ReadOnlySpan<int> output)
    {
        int n = kernel.Length;
        int[] stride = c.Ints("strides") ?? Ones(n), dilation = c.Ints("dilations") ?? Ones(n);
        int[] pads = c.Ints("pads") ?? new int[2 * n];
        string automatic = c.Text("auto_pad", "NOTSET");
        for (int i = 0; automatic is "SAME_UPPER" or "SAME_LOWER" && i < n; i++)
        {
            int total = Math.Max(0, (output[i] - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1 - input[i]);
            int smaller = total / 2;
            pads[i] = automatic == "SAME_UPPER" ? smaller : total - smaller;
            pads[i + n] = total - pads[i];
        }
        if (automatic == "VALID") Array.Clear(pads);
        return new ConvGeometry([.. kernel], [.. stride], [.. dilation], [.. pads.AsSpan(0, n)], [.. pads.AsSpan(n)]);
    }

    /// <summary>
    /// The geometry of a ConvTranspose node: the convolution that maps its output back to its input. Padding follows from the two shapes:
    /// total = stride·(in − 1) + output_padding + reach − out.
    /// </summary>
    public static ConvGeometry OfTransposed(GradientContext c, ReadOnlySpan<int> kernel, ReadOnlySpan<int> input, ReadOnlySpan<int> output)
    {
        int n = kernel.Length;
        int[] stride = c.Ints("strides") ?? Ones(n), dilation = c.Ints("dilations") ?? Ones(n), extra = c.Ints("output_padding") ?? new int[n];
        int[]? pads = c.Ints("pads");
        string automatic = c.Text("auto_pad", "NOTSET");
        bool derived = automatic is "SAME_UPPER" or "SAME_LOWER" || c.Ints("output_shape") is not null;
        var (before, after) = (new int[n], new int[n]);
        for (int i = 0; i < n; i++)
        {
            if (derived)
            {
                int total = Math.Max(0, stride[i] * (input[i] - 1) + extra[i] + (kernel[i] - 1) * dilation[i] + 1 - output[i]);
                before[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
                after[i] = total - before[i];
            }
            else if (pads is not null && automatic != "VALID")
            {
                (before[i], after[i]) = (pads[i], pads[i + n]);
            }
        }
        return new ConvGeometry([.. kernel], [.. stride], [.. dilation], [.. before], [.. after]);
    }

    private static int[] Ones(int count) => [.. Enumerable.Repeat(1, count)];
}
