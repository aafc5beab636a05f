namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators that join, cut and pick elements.</summary>
internal static class SelectionShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("Concat", Concat), ("Split", Split), ("Slice", Slice), ("Gather", Gather), ("GatherElements", c => c.Out(0, c.TypeOf(0), c.Shape(1))), ("GatherND", GatherNd),
        ("TopK", TopK), ("OneHot", OneHot), ("Compress", Compress), ("NonZero", NonZero), ("com.microsoft:QLinearConcat", QLinearConcat),
    ];

    private static void Concat(ShapeContext c)
    {
        int count = c.InputCount;
        var shapes = Enumerable.Range(0, count).Select(c.Shape).ToArray();
        long[] shape = Joined(c, shapes);
        KnownTensor? value = null;
        var parts = Enumerable.Range(0, count).Select(c.Value).ToArray();
        if (parts.All(p => p is not null) && shape.Length == 1)
        {
            value = parts[0]!.IsReal
                ? new KnownTensor(c.TypeOf(0), shape, [.. parts.SelectMany(p => p!.Reals)])
                : new KnownTensor(c.TypeOf(0), shape, [.. parts.SelectMany(p => p!.Integers)]);
        }
        c.Out(0, c.TypeOf(0), shape, value);
    }

    // Y_scale, Y_zero_point, then (X, scale, zero point) for each part.
    private static void QLinearConcat(ShapeContext c)
    {
        var shapes = Enumerable.Range(0, (c.InputCount - 2) / 3).Select(i => c.Shape(2 + 3 * i)).ToArray();
        c.Out(0, c.TypeOf(1), Joined(c, shapes));
    }

    private static long[] Joined(ShapeContext c, long[][] shapes)
    {
        long[] shape = [.. shapes[0]];
        int axis = c.Axis(c.Int("axis", 1), shape.Length);
        foreach (long[] other in shapes.Skip(1))
        {
            if (other.Length != shape.Length) throw c.Bad("the parts have different ranks");
            for (int d = 0; d < shape.Length; d++)
            {
                if (d == axis) shape[d] = checked(shape[d] + other[d]);
                else if (shape[d] != other[d]) throw c.Bad($"extent {d} is {shape[d]} in one part and {other[d]} in another");
            }
        }
        return shape;
    }

    private static void Split(ShapeContext c)
    {
        long[] x = c.Shape(0);
        int axis = c.Axis(c.Int("axis", 0), x.Length), parts = c.OutputCount;
        long even = (x[axis] + parts - 1) / parts;
        long[] sizes = c.IntsOf("split", 1) ?? [.. Enumerable.Range(0, parts).Select(i => Math.Min(even, x[axis] - even * i))];
        if (sizes.Length < parts || sizes.Sum() != x[axis]) throw c.Bad($"parts of {string.Join('+', sizes)} do not make {x[axis]}");
        long start = 0;
        for (int i = 0; i < parts; i++)
        {
            long[] shape = [.. x];
            shape[axis] = sizes[i];
            c.Out(i, c.TypeOf(0), shape, Cut(c.Value(0), x, shape, axis, start, 1));
            start += sizes[i];
        }
    }

    private static void Slice(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long[] starts = c.IntsOf("starts", 1) ?? throw c.Bad("there are no starts"), ends = c.IntsOf("ends", 2) ?? throw c.Bad("there are no ends");
        long[] axes = c.IntsOf("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[]? steps = c.Has(4) ? c.Needed(4).Integers : null;
        var value = c.Value(0);
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = c.Axis(axes[i], x.Length);
            long extent = x[axis], step = steps?[i] ?? 1;
            if (step == 0) throw c.Bad("a step is 0");
            long start = starts[i] < 0 ? starts[i] + extent : starts[i];
            long end = ends[i] < -extent - 1 ? -1 - extent : ends[i];
            if (end < 0) end += extent;
            // Counting down, the end may be "before the first element".
            start = step > 0 ? Math.Clamp(start, 0, extent) : Math.Clamp(start, 0, extent - 1);
            end = step > 0 ? Math.Clamp(end, 0, extent) : Math.Clamp(end, -1, extent);
            long[] shape = [.. x];
            shape[axis] = Math.Max(0, step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step);
            value = Cut(value, x, shape, axis, start, step);
            x = shape;
        }
        c.Out(0, c.TypeOf(0), x, value);
    }

    private static KnownTensor? Cut(KnownTensor? value, long[] from, long[] to, int axis, long start, long step)
    {
        if (value is null) return null;
        int[] strides = Broadcast.RowMajor(from);
        int first = (int)start * strides[axis];
        strides[axis] *= (int)step;
        return value.Pick(to, Broadcast.Strided(to, strides, first));
    }

    private static void Gather(ShapeContext c)
    {
        long[] x = c.Shape(0), indices = c.Shape(1);
        int axis = c.Axis(c.Int("axis", 0), x.Length);
        long[] shape = [.. x[..axis], .. indices, .. x[(axis + 1)..]];
        KnownTensor? value = null;
        if (c.Value(0) is { } known && c.Value(1) is { } picks && axis == 0 && Broadcast.Product(shape) <= KnownTensor.MaxCount)
        {
            int row = (int)Broadcast.Product(x.AsSpan(1));
            long[] rows = Array.ConvertAll(picks.Integers, p => p < 0 ? p + x[0] : p);
            if (rows.Any(r => r < 0 || r >= x[0])) throw c.Bad($"an index is outside 0..{x[0] - 1}");
            value = known.Pick(shape, [.. rows.SelectMany(r => Enumerable.Range((int)r * row, row))]);
        }
        c.Out(0, c.TypeOf(0), shape, value);
    }

    private static void GatherNd(ShapeContext c)
    {
        long[] x = c.Shape(0), indices = c.Shape(1);
        int depth = (int)(c.Int("batch_dims", 0) + indices[^1]);
        c.Out(0, c.TypeOf(0), [.. indices[..^1], .. x[depth..]]);
    }

    private static void TopK(ShapeContext c)
    {
        long[] shape = c.Shape(0);
        int axis = c.Axis(c.Int("axis", -1), shape.Length);
        shape[axis] = c.Node.Attribute("k") is { } k ? k.I : c.Needed(1).Integers[0];
        c.Out(0, c.TypeOf(0), shape);
        c.Out(1, DataType.Int64, shape);
    }

    private static void OneHot(ShapeContext c)
    {
        List<long> shape = [.. c.Shape(0)];
        shape.Insert(c.Axis(c.Int("axis", -1), shape.Count + 1), c.Needed(1).Integers[0]);
        c.Out(0, c.TypeOf(2), shape.ToArray());
    }

    private static void Compress(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long kept = c.Needed(1).Integers.Count(v => v != 0);
        if (c.Node.Attribute("axis") is null)
        {
            c.Out(0, c.TypeOf(0), [kept]);
            return;
        }
        x[c.Axis(c.Int("axis", 0), x.Length)] = kept;
        c.Out(0, c.TypeOf(0), x);
    }

    private static void NonZero(ShapeContext c)
    {
        double[] values = c.Needed(0).Reals;
        long[] shape = c.Shape(0);
        int[] found = [.. Enumerable.Range(0, values.Length).Where(i => values[i] != 0)], strides = Broadcast.RowMajor(shape);
        long[] coordinates = [.. strides.SelectMany((stride, d) => found.Select(i => i / stride % shape[d]))];
        c.Out(0, new KnownTensor(DataType.Int64, [shape.Length, found.Length], coordinates));
    }
}
