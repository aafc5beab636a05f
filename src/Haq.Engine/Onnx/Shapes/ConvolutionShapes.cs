namespace Haq.Engine.Onnx.Shapes;

/// <summary>Convolutions and pooling: [N,C,spatial…] in, [N,C',spatial'…] out.</summary>
internal static class ConvolutionShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("Conv", c => Conv(c, 1, c.TypeOf(0))), ("com.microsoft:FusedConv", c => Conv(c, 1, c.TypeOf(0))), ("DeformConv", c => Conv(c, 1, c.TypeOf(0))),
        ("ConvInteger", c => Conv(c, 1, DataType.Int32)), ("QLinearConv", c => Conv(c, 3, c.TypeOf(7))),
        ("ConvTranspose", ConvTranspose), ("com.microsoft:ConvTransposeWithDynamicPads", ConvTranspose),
        ("MaxPool", Pool), ("AveragePool", Pool), ("LpPool", Pool), ("com.microsoft:QLinearAveragePool", Pool), ("com.microsoft:NhwcMaxPool", NhwcPool),
        ("GlobalAveragePool", GlobalPool), ("GlobalMaxPool", GlobalPool), ("GlobalLpPool", GlobalPool), ("com.microsoft:QLinearGlobalAveragePool", GlobalPool),
        ("MaxRoiPool", c => c.Out(0, c.TypeOf(0), [c.Shape(1)[0], c.Shape(0)[1], .. c.Node.Ints("pooled_shape")!])),
        ("RoiAlign", c => c.Out(0, c.TypeOf(0), [c.Shape(1)[0], c.Shape(0)[1], c.Int("output_height", 1), c.Int("output_width", 1)])),
        ("MaxUnpool", MaxUnpool),
    ];

    private static void Conv(ShapeContext c, int weight, DataType type)
    {
        long[] x = c.Shape(0), w = c.Shape(weight);
        if (w.Length != x.Length || x.Length < 3) throw c.Bad($"a weight of rank {w.Length} on an input of rank {x.Length}");
        long[] spatial = Window(c, x, c.Node.Ints("kernel_shape") ?? w[2..]);
        c.Out(0, type, [x[0], w[0], .. spatial]);
    }

    private static void Pool(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long[] kernel = c.Node.Ints("kernel_shape") ?? throw c.Bad("there is no kernel_shape");
        bool nhwc = c.Int("channels_last", 0) == 1;
        if (nhwc) x = [x[0], x[^1], .. x[1..^1]];
        long[] spatial = Window(c, x, kernel);
        long[] shape = nhwc ? [x[0], .. spatial, x[1]] : [x[0], x[1], .. spatial];
        c.Out(0, c.TypeOf(0), shape);
        c.Out(1, DataType.Int64, shape);
    }

    private static void NhwcPool(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long[] spatial = Window(c, [x[0], x[^1], .. x[1..^1]], c.Node.Ints("kernel_shape")!);
        c.Out(0, c.TypeOf(0), [x[0], .. spatial, x[^1]]);
    }

    private static void GlobalPool(ShapeContext c)
    {
        long[] x = c.Shape(0);
        bool nhwc = c.Int("channels_last", 0) == 1;
        c.Out(0, c.TypeOf(0), [.. x.Select((extent, i) => i == 0 || i == (nhwc ? x.Length - 1 : 1) ? extent : 1)]);
    }

    private static void MaxUnpool(ShapeContext c)
    {
        long[] x = c.Shape(0);
        if (c.Has(2))
        {
            c.Out(0, c.TypeOf(0), c.Needed(2).Integers);
            return;
        }
        long[] kernel = c.Node.Ints("kernel_shape")!;
        long[] strides = c.Node.Ints("strides") ?? Ones(kernel.Length), pads = c.Node.Ints("pads") ?? new long[2 * kernel.Length];
        c.Out(0, c.TypeOf(0), [x[0], x[1], .. kernel.Select((k, i) => (x[i + 2] - 1) * strides[i] + k - pads[i] - pads[i + kernel.Length])]);
    }

    private static void ConvTranspose(ShapeContext c)
    {
        long[] x = c.Shape(0), w = c.Shape(1);
        if (w.Length != x.Length || x.Length < 3) throw c.Bad($"a weight of rank {w.Length} on an input of rank {x.Length}");
        int rank = x.Length - 2;
        long[] kernel = c.Node.Ints("kernel_shape") ?? w[2..];
        long[] strides = c.Node.Ints("strides") ?? Ones(rank), dilations = c.Node.Ints("dilations") ?? Ones(rank);
        long[] pads = c.Node.Ints("pads") ?? new long[2 * rank], extra = c.Node.Ints("output_padding") ?? new long[rank];
        long[]? given = c.Node.Ints("output_shape");
        string automatic = c.Node.Text("auto_pad", "NOTSET");
        long[] spatial = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long full = strides[i] * (x[i + 2] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1;
            spatial[i] = given is not null ? given[given.Length - rank + i]
                : automatic.StartsWith("SAME", StringComparison.Ordinal) ? x[i + 2] * strides[i]
                : automatic == "VALID" ? full
                : full - pads[i] - pads[i + rank];
        }
        c.Out(0, c.TypeOf(0), [x[0], w[1] * c.Int("group", 1), .. spatial]);
    }

    private static long[] Window(ShapeContext c, long[] x, long[] kernel)
    {
        int rank = kernel.Length;
        if (x.Length != rank + 2) throw c.Bad($"a window of rank {rank} on an input of rank {x.Length}");
        long[] strides = c.Node.Ints("strides") ?? Ones(rank), dilations = c.Node.Ints("dilations") ?? Ones(rank), pads = c.Node.Ints("pads") ?? new long[2 * rank];
        string automatic = c.Node.Text("auto_pad", "NOTSET");
        bool ceil = c.Int("ceil_mode", 0) == 1;
        long[] result = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long extent = x[i + 2], window = (kernel[i] - 1) * dilations[i] + 1;
            if (automatic.StartsWith("SAME", StringComparison.Ordinal))
            {
                result[i] = (extent + strides[i] - 1) / strides[i];
                continue;
            }
            long padded = automatic == "VALID" ? extent : extent + pads[i] + pads[i + rank];
            if (padded < window) throw c.Bad($"a window of {window} is larger than {padded}");
            result[i] = (padded - window + (ceil ? strides[i] - 1 : 0)) / strides[i] + 1;
            // A last window that would start in the padding after the input is not counted.
            if (ceil && (result[i] - 1) * strides[i] >= extent + (automatic == "VALID" ? 0 : pads[i])) result[i]--;
        }
        return result;
    }

    private static long[] Ones(int count)
    {
        long[] ones = new long[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
