namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators that rearrange extents without choosing among elements.</summary>
internal static class ReshapingShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("Reshape", Reshape), ("Flatten", Flatten), ("Squeeze", Squeeze), ("Unsqueeze", Unsqueeze), ("Transpose", Transpose), ("Expand", Expand), ("Tile", Tile),
        ("Shape", Shape), ("Size", Size),
    ];

    private static void Reshape(ShapeContext c)
    {
        long[] from = c.Shape(0), to = [.. c.Needed(1).Integers];
        bool zeroIsZero = c.Int("allowzero", 0) == 1;
        long known = 1;
        int free = -1;
        for (int i = 0; i < to.Length; i++)
        {
            if (to[i] == 0 && !zeroIsZero) to[i] = i < from.Length ? from[i] : throw c.Bad($"extent {i} is to be copied, but the rank is {from.Length}");
            if (to[i] < 0) free = free < 0 ? i : throw c.Bad("two extents are left open");
            else known = checked(known * to[i]);
        }
        long count = Broadcast.Product(from);
        if (free >= 0) to[free] = known == 0 ? 0 : count / known;
        if (Broadcast.Product(to) != count) throw c.Bad($"[{string.Join(',', from)}] has {count} elements, [{string.Join(',', to)}] does not");
        c.Out(0, c.TypeOf(0), to, c.Value(0)?.Reshaped(to));
    }

    private static void Flatten(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long axis = c.Int("axis", 1);
        int split = (int)(axis < 0 ? axis + x.Length : axis);
        if (split < 0 || split > x.Length) throw c.Bad($"axis {axis} is outside rank {x.Length}");
        long[] shape = [Broadcast.Product(x.AsSpan(0, split)), Broadcast.Product(x.AsSpan(split))];
        c.Out(0, c.TypeOf(0), shape, c.Value(0)?.Reshaped(shape));
    }

    private static void Squeeze(ShapeContext c)
    {
        long[] x = c.Shape(0);
        var axes = c.IntsOf("axes", 1)?.Select(a => c.Axis(a, x.Length)).ToHashSet();
        foreach (int axis in axes ?? []) if (x[axis] != 1) throw c.Bad($"extent {axis} is {x[axis]}, not 1");
        long[] shape = [.. x.Where((extent, i) => axes is null ? extent != 1 : !axes.Contains(i))];
        c.Out(0, c.TypeOf(0), shape, c.Value(0)?.Reshaped(shape));
    }

    private static void Unsqueeze(ShapeContext c)
    {
        long[] x = c.Shape(0), axes = c.IntsOf("axes", 1) ?? throw c.Bad("there are no axes");
        int rank = x.Length + axes.Length;
        var inserted = axes.Select(a => c.Axis(a, rank)).ToHashSet();
        if (inserted.Count != axes.Length) throw c.Bad("an axis is given twice");
        int next = 0;
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) shape[i] = inserted.Contains(i) ? 1 : x[next++];
        c.Out(0, c.TypeOf(0), shape, c.Value(0)?.Reshaped(shape));
    }

    private static void Transpose(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long[] perm = c.Node.Ints("perm") ?? [.. Enumerable.Range(0, x.Length).Reverse().Select(i => (long)i)];
        if (perm.Length != x.Length || perm.Distinct().Count() != perm.Length) throw c.Bad($"[{string.Join(',', perm)}] is no permutation of {x.Length} axes");
        long[] shape = Array.ConvertAll(perm, p => x[p]);
        KnownTensor? value = null;
        if (c.Value(0) is { } known)
        {
            int[] strides = Broadcast.RowMajor(x);
            value = known.Pick(shape, Broadcast.Strided(shape, Array.ConvertAll(perm, p => strides[p]), 0));
        }
        c.Out(0, c.TypeOf(0), shape, value);
    }

    private static void Expand(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long[] shape = Broadcast.Join(x, c.Needed(1).Integers) ?? throw c.Bad("the shapes do not broadcast");
        c.Out(0, c.TypeOf(0), shape, Broadcast.Product(shape) <= KnownTensor.MaxCount ? c.Value(0)?.Pick(shape, Broadcast.Positions(x, shape)) : null);
    }

    private static void Tile(ShapeContext c)
    {
        long[] x = c.Shape(0), repeats = c.Needed(1).Integers;
        if (repeats.Length != x.Length) throw c.Bad($"{repeats.Length} repeats for rank {x.Length}");
        long[] shape = [.. x.Select((extent, i) => checked(extent * repeats[i]))];
        KnownTensor? value = null;
        if (c.Value(0) is { } known && Broadcast.Product(shape) <= KnownTensor.MaxCount)
        {
            int[] strides = Broadcast.RowMajor(x), target = Broadcast.RowMajor(shape);
            int[] positions = new int[Broadcast.Product(shape)];
            for (int n = 0; n < positions.Length; n++)
                for (int d = 0; d < x.Length; d++) positions[n] += (int)(n / target[d] % shape[d] % x[d]) * strides[d];
            value = known.Pick(shape, positions);
        }
        c.Out(0, c.TypeOf(0), shape, value);
    }

    private static void Shape(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long start = Math.Clamp(Counted(c.Int("start", 0), x.Length), 0, x.Length), end = Math.Clamp(Counted(c.Int("end", x.Length), x.Length), 0, x.Length);
        long[] part = start < end ? x[(int)start..(int)end] : [];
        c.Out(0, new KnownTensor(DataType.Int64, [part.Length], part));
    }

    private static void Size(ShapeContext c) => c.Out(0, new KnownTensor(DataType.Int64, [], [c.In(0).Count]));

    private static long Counted(long index, int rank) => index < 0 ? index + rank : index;
}
