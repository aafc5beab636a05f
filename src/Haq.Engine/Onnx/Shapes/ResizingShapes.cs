namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators that change the size of maps.</summary>
internal static class ResizingShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("Pad", Pad), ("com.microsoft:Pad", Pad), ("Resize", Resize), ("Upsample", Upsample), ("DepthToSpace", DepthToSpace), ("SpaceToDepth", SpaceToDepth), ("Crop", Crop),
        ("GridSample", c => c.Out(0, c.TypeOf(0), [.. c.Shape(0)[..2], .. c.Shape(1)[1..^1]])), ("AffineGrid", AffineGrid), ("CenterCropPad", CenterCropPad),
        ("Col2Im", Col2Im),
    ];

    private static void Pad(ShapeContext c)
    {
        long[] shape = c.Shape(0), pads = c.IntsOf("pads", 1) ?? throw c.Bad("there are no pads");
        int[] axes = c.Has(3) ? [.. c.Needed(3).Integers.Select(a => c.Axis(a, shape.Length))] : [.. Enumerable.Range(0, shape.Length)];
        if (pads.Length != 2 * axes.Length) throw c.Bad($"{pads.Length} pads for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++) shape[axes[i]] += pads[i] + pads[i + axes.Length];
        c.Out(0, c.TypeOf(0), shape);
    }

    private static void Upsample(ShapeContext c)
    {
        double[] scales = c.Node.Floats("scales") is { } attribute ? Array.ConvertAll(attribute, s => (double)s) : c.Needed(1).Reals;
        c.Out(0, c.TypeOf(0), Scaled(c.Shape(0), scales));
    }

    private static void Resize(ShapeContext c)
    {
        long[] x = c.Shape(0);
        if (c.Opset < 11)
        {
            c.Out(0, c.TypeOf(0), Scaled(x, c.Needed(1).Reals));
            return;
        }
        int[] axes = c.Node.Ints("axes") is { } some ? [.. some.Select(a => c.Axis(a, x.Length))] : [.. Enumerable.Range(0, x.Length)];
        // An empty scales tensor stands for "not given", as older exporters wrote it.
        bool hasScales = c.Has(2) && c.In(2).Count > 0;
        long[] shape = [.. x];
        if (hasScales)
        {
            double[] scales = c.Needed(2).Reals;
            for (int i = 0; i < axes.Length; i++) shape[axes[i]] = (long)Math.Floor(x[axes[i]] * scales[i]);
        }
        else
        {
            long[] sizes = c.Needed(3).Integers;
            string policy = c.Node.Text("keep_aspect_ratio_policy", "stretch");
            var ratios = axes.Select((axis, i) => (double)sizes[i] / x[axis]);
            double? ratio = policy == "not_larger" ? ratios.Min() : policy == "not_smaller" ? ratios.Max() : null;
            for (int i = 0; i < axes.Length; i++) shape[axes[i]] = ratio is { } r ? (long)Math.Round(r * x[axes[i]], MidpointRounding.AwayFromZero) : sizes[i];
        }
        c.Out(0, c.TypeOf(0), shape);
    }

    // Scales are 32-bit reals, and so is their product with an extent.
    private static long[] Scaled(long[] x, double[] scales) => [.. x.Select((extent, i) => (long)MathF.Floor(extent * (float)scales[i]))];

    private static void DepthToSpace(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long block = c.Int("blocksize", 1);
        c.Out(0, c.TypeOf(0), [x[0], x[1] / (block * block), x[2] * block, x[3] * block]);
    }

    private static void SpaceToDepth(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long block = c.Int("blocksize", 1);
        c.Out(0, c.TypeOf(0), [x[0], x[1] * block * block, x[2] / block, x[3] / block]);
    }

    // An experimental operator of early exporters: border = [left, top, right, bottom], or an explicit scale = [height, width].
    private static void Crop(ShapeContext c)
    {
        long[] x = c.Shape(0), border = c.Node.Ints("border") ?? throw c.Bad("there is no border");
        long[] size = c.Node.Ints("scale") is { Length: 2 } scale ? scale : [x[2] - border[1] - border[3], x[3] - border[0] - border[2]];
        c.Out(0, c.TypeOf(0), [x[0], x[1], .. size]);
    }

    private static void AffineGrid(ShapeContext c)
    {
        long[] size = c.Needed(1).Integers;
        c.Out(0, c.TypeOf(0), [size[0], .. size[2..], size.Length - 2]);
    }

    private static void CenterCropPad(ShapeContext c)
    {
        long[] shape = c.Shape(0), target = c.Needed(1).Integers;
        long[] axes = c.Node.Ints("axes") ?? [.. Enumerable.Range(0, shape.Length).Select(i => (long)i)];
        for (int i = 0; i < axes.Length; i++) shape[c.Axis(axes[i], shape.Length)] = target[i];
        c.Out(0, c.TypeOf(0), shape);
    }

    private static void Col2Im(ShapeContext c)
    {
        long[] x = c.Shape(0);
        c.Out(0, c.TypeOf(0), [x[0], x[1] / Broadcast.Product(c.Needed(2).Integers), .. c.Needed(1).Integers]);
    }
}
