namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators that reduce axes.</summary>
internal static class ReductionShapes
{
    private static readonly string[] s_reductions =
        ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"];

    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
        [.. s_reductions.Select(op => (op, (Action<ShapeContext>)Reduce)), ("ArgMax", ArgExtremum), ("ArgMin", ArgExtremum)];

    private static void Reduce(ShapeContext c)
    {
        long[] x = c.Shape(0);
        long[] given = c.IntsOf("axes", 1) ?? [];
        bool keep = c.Int("keepdims", 1) == 1;
        if (given.Length == 0 && c.Int("noop_with_empty_axes", 0) == 1)
        {
            c.Out(0, c.TypeOf(0), x, c.Value(0));
            return;
        }
        var axes = given.Length == 0 ? Enumerable.Range(0, x.Length).ToHashSet() : given.Select(a => c.Axis(a, x.Length)).ToHashSet();
        long[] shape = [.. x.Select((extent, i) => axes.Contains(i) ? 1 : extent).Where((_, i) => keep || !axes.Contains(i))];
        KnownTensor? value = null;
        if (c.Value(0) is { Count: > 0 } known && axes.Count == x.Length) value = Total(c.Node.OpType, known, shape);
        c.Out(0, c.TypeOf(0), shape, value);
    }

    private static KnownTensor? Total(string op, KnownTensor x, long[] shape)
    {
        if (x.IsReal)
        {
            double[] v = x.Reals;
            double? total = op switch
            {
                OpNames.ReduceProd => v.Aggregate(1.0, (a, b) => a * b),
                OpNames.ReduceSum => v.Sum(),
                OpNames.ReduceMax => v.Max(),
                OpNames.ReduceMin => v.Min(),
                _ => null,
            };
            return total is { } real ? new KnownTensor(x.Type, shape, [real]) : null;
        }
        long[] n = x.Integers;
        long? result = op switch
        {
            OpNames.ReduceProd => n.Aggregate(1L, (a, b) => checked(a * b)),
            OpNames.ReduceSum => n.Sum(),
            OpNames.ReduceMax => n.Max(),
            OpNames.ReduceMin => n.Min(),
            _ => null,
        };
        return result is { } integer ? new KnownTensor(x.Type, shape, [integer]) : null;
    }

    private static void ArgExtremum(ShapeContext c)
    {
        long[] x = c.Shape(0);
        int axis = c.Axis(c.Int("axis", 0), x.Length);
        x[axis] = 1;
        c.Out(0, DataType.Int64, c.Int("keepdims", 1) == 1 ? x : [.. x.Where((_, i) => i != axis)]);
    }
}
