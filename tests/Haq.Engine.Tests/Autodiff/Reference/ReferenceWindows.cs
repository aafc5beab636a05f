namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>Convolution and pooling: loops over output, channels and kernel, as the definitions say.</summary>
internal static class ReferenceWindows
{
    private sealed record Window(int[] Kernel, int[] Stride, int[] Dilation, int[] Before, int[] After, int[] Output);

    public static NdArray[] Conv(ReferenceNode n)
    {
        var (x, w) = (n.X, n[1]);
        int groups = (int)n.Int("group", 1), inGroup = w.Shape[1], outGroup = w.Shape[0] / groups;
        var window = Of(n, w.Shape[2..], x.Shape[2..], ceil: false);
        return
        [
            NdArray.From([x.Shape[0], w.Shape[0], .. window.Output], i =>
            {
                double sum = n.Has(2) ? n[2][i[1]] : 0;
                int group = i[1] / outGroup, at = i[0], filter = i[1];
                Visit(window, x.Shape[2..], i[2..], (k, p) =>
                {
                    for (int c = 0; c < inGroup; c++) sum += w[[filter, c, .. k]] * x[[at, group * inGroup + c, .. p]];
                });
                return sum;
            }),
        ];
    }

    public static NdArray[] ConvTranspose(ReferenceNode n)
    {
        var (x, w) = (n.X, n[1]);
        int groups = (int)n.Int("group", 1), outGroup = w.Shape[1], inGroup = w.Shape[0] / groups, d = x.Rank - 2;
        int[] kernel = w.Shape[2..], stride = n.Ints("strides") ?? Ones(d), dilation = n.Ints("dilations") ?? Ones(d);
        int[] pads = n.Ints("pads") ?? new int[2 * d], extra = n.Ints("output_padding") ?? new int[d], output = new int[d];
        string automatic = n.Text("auto_pad", "NOTSET");
        for (int i = 0; i < d; i++)
        {
            int full = stride[i] * (x.Shape[i + 2] - 1) + extra[i] + (kernel[i] - 1) * dilation[i] + 1;
            int? wanted = n.Ints("output_shape") is { } given ? given[i] : automatic.StartsWith("SAME", StringComparison.Ordinal) ? x.Shape[i + 2] * stride[i] : null;
            if (wanted is { } size)
            {
                int total = Math.Max(0, full - size);
                pads[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
                pads[i + d] = total - pads[i];
            }
            output[i] = full - pads[i] - pads[i + d];
        }
        var y = new NdArray([x.Shape[0], groups * outGroup, .. output]);
        NdArray.ForEach(x.Shape, i => NdArray.ForEach(kernel, k =>
        {
            int[] p = [.. Enumerable.Range(0, d).Select(a => i[a + 2] * stride[a] - pads[a] + k[a] * dilation[a])];
            if (Enumerable.Range(0, d).Any(a => p[a] < 0 || p[a] >= output[a])) return;
            for (int m = 0; m < outGroup; m++) y[[i[0], i[1] / inGroup * outGroup + m, .. p]] += x[i] * w[[i[1], m, .. k]];
        }));
        return [n.Has(2) ? NdArray.From(y.Shape, i => y[i] + n[2][i[1]]) : y];
    }

    public static NdArray[] MaxPool(ReferenceNode n)
    {
        var window = Of(n, n.Ints("kernel_shape")!, n.X.Shape[2..], n.Int("ceil_mode", 0) != 0);
        return
        [
            NdArray.From([.. n.X.Shape[..2], .. window.Output], i =>
            {
                double max = double.NegativeInfinity;
                Visit(window, n.X.Shape[2..], i[2..], (_, p) => max = Math.Max(max, n.X[[i[0], i[1], .. p]]));
                return max;
            }),
        ];
    }

    public static NdArray[] AveragePool(ReferenceNode n)
    {
        int[] input = n.X.Shape[2..];
        var window = Of(n, n.Ints("kernel_shape")!, input, n.Int("ceil_mode", 0) != 0);
        bool padding = n.Int("count_include_pad", 0) != 0;
        return
        [
            NdArray.From([.. n.X.Shape[..2], .. window.Output], i =>
            {
                double sum = 0;
                int count = 0;
                Visit(window, input, i[2..], (_, p) =>
                {
                    sum += n.X[[i[0], i[1], .. p]];
                    count++;
                });
                if (!padding) return sum / count;
                int all = 1;
                for (int a = 0; a < input.Length; a++)
                {
                    all *= Enumerable.Range(0, window.Kernel[a]).Select(k => i[a + 2] * window.Stride[a] + k * window.Dilation[a])
                        .Count(p => p < input[a] + window.Before[a] + window.After[a]);
                }
                return sum / all;
            }),
        ];
    }

    private static void Visit(Window window, int[] input, int[] at, Action<int[], int[]> visit) => NdArray.ForEach(window.Kernel, k =>
    {
        int[] p = [.. Enumerable.Range(0, k.Length).Select(a => at[a] * window.Stride[a] - window.Before[a] + k[a] * window.Dilation[a])];
        for (int a = 0; a < p.Length; a++)
            if (p[a] < 0 || p[a] >= input[a]) return;
        visit(k, p);
    });

    private static Window Of(ReferenceNode n, int[] kernel, int[] input, bool ceil)
    {
        int d = kernel.Length;
        int[] stride = n.Ints("strides") ?? Ones(d), dilation = n.Ints("dilations") ?? Ones(d), pads = n.Ints("pads") ?? new int[2 * d], output = new int[d];
        string automatic = n.Text("auto_pad", "NOTSET");
        for (int i = 0; i < d; i++)
        {
            int reach = (kernel[i] - 1) * dilation[i] + 1;
            if (automatic.StartsWith("SAME", StringComparison.Ordinal))
            {
                output[i] = (input[i] + stride[i] - 1) / stride[i];
                int total = Math.Max(0, (output[i] - 1) * stride[i] + reach - input[i]);
                pads[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
                pads[i + d] = total - pads[i];
            }
            else
            {
                int room = input[i] + pads[i] + pads[i + d] - reach;
                output[i] = (ceil ? (room + stride[i] - 1) / stride[i] : room / stride[i]) + 1;
                // A window that would start in the padding behind the map does not count.
                if (ceil && (output[i] - 1) * stride[i] >= input[i] + pads[i]) output[i]--;
            }
        }
        return new Window(kernel, stride, dilation, pads[..d], pads[d..], output);
    }

    private static int[] Ones(int count) => [.. Enumerable.Repeat(1, count)];
}
