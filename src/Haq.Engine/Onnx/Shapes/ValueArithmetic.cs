using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>Arithmetic on known tensors: what exporters use to compute shapes.</summary>
internal static class ValueArithmetic
{
    public static KnownTensor? Unary(string op, KnownTensor? x)
    {
        if (x is null) return null;
        if (op == OpNames.Identity) return x;
        if (!x.IsReal)
        {
            return op switch
            {
                OpNames.Not => new KnownTensor(DataType.Bool, x.Shape, Array.ConvertAll(x.Integers, v => v == 0 ? 1L : 0)),
                OpNames.Neg => new KnownTensor(x.Type, x.Shape, Array.ConvertAll(x.Integers, v => -v)),
                OpNames.Abs => new KnownTensor(x.Type, x.Shape, Array.ConvertAll(x.Integers, v => v == long.MinValue ? v : Math.Abs(v))),
                OpNames.Relu => new KnownTensor(x.Type, x.Shape, Array.ConvertAll(x.Integers, v => Math.Max(0, v))),
                _ => null,
            };
        }
        Func<double, double>? f = op switch
        {
            OpNames.Floor => Math.Floor,
            OpNames.Ceil => Math.Ceiling,
            OpNames.Round => v => Math.Round(v, MidpointRounding.ToEven),
            OpNames.Neg => v => -v,
            OpNames.Abs => Math.Abs,
            OpNames.Sqrt => Math.Sqrt,
            OpNames.Reciprocal => v => 1 / v,
            OpNames.Relu => v => Math.Max(0, v),
            OpNames.Exp => Math.Exp,
            OpNames.Log => Math.Log,
            _ => null,
        };
        return f is null ? null : Real(x.Type, x.Shape, Array.ConvertAll(x.Reals, v => f(v)));
    }

    public static KnownTensor? Binary(NodeProto node, KnownTensor a, KnownTensor b, long[] shape, DataType type)
    {
        if (Broadcast.Product(shape) > KnownTensor.MaxCount) return null;
        int[] left = Broadcast.Positions(a.Shape, shape), right = Broadcast.Positions(b.Shape, shape);
        if (a.IsReal || b.IsReal)
        {
            double[] x = a.Reals, y = b.Reals;
            if (type == DataType.Bool) return Comparison(node.OpType) is { } compare ? Zip(left, right, (i, j) => compare(x[i].CompareTo(y[j])), shape) : null;
            if (Real(node.OpType) is not { } f) return null;
            double[] reals = new double[left.Length];
            for (int n = 0; n < reals.Length; n++) reals[n] = f(x[left[n]], y[right[n]]);
            return Real(type, shape, reals);
        }
        long[] p = a.Integers, q = b.Integers;
        if (type == DataType.Bool)
        {
            if (Logic(node.OpType) is { } logic) return Zip(left, right, (i, j) => logic(p[i] != 0, q[j] != 0), shape);
            return Comparison(node.OpType) is { } compare ? Zip(left, right, (i, j) => compare(p[i].CompareTo(q[j])), shape) : null;
        }
        if (Integer(node) is not { } g) return null;
        long[] integers = new long[left.Length];
        for (int n = 0; n < integers.Length; n++)
        {
            if (q[right[n]] == 0 && node.OpType is OpNames.Div or OpNames.Mod) return null;
            integers[n] = g(p[left[n]], q[right[n]]);
        }
        return new KnownTensor(type, shape, integers);
    }

    public static KnownTensor? Where(KnownTensor? condition, KnownTensor? yes, KnownTensor? no, long[] shape)
    {
        if (condition is null || yes is null || no is null || Broadcast.Product(shape) > KnownTensor.MaxCount) return null;
        int[] c = Broadcast.Positions(condition.Shape, shape), y = Broadcast.Positions(yes.Shape, shape), n = Broadcast.Positions(no.Shape, shape);
        long[] choice = condition.Integers;
        if (yes.IsReal)
        {
            double[] a = yes.Reals, b = no.Reals;
            return new KnownTensor(yes.Type, shape, [.. Enumerable.Range(0, c.Length).Select(i => choice[c[i]] != 0 ? a[y[i]] : b[n[i]])]);
        }
        long[] p = yes.Integers, q = no.Integers;
        return new KnownTensor(yes.Type, shape, [.. Enumerable.Range(0, c.Length).Select(i => choice[c[i]] != 0 ? p[y[i]] : q[n[i]])]);
    }

    // 32-bit arithmetic rounds to 32 bits, which matters when its result is floored to an extent.
    private static KnownTensor Real(DataType type, long[] shape, double[] values) =>
        new(type, shape, type == DataType.Double ? values : Array.ConvertAll(values, v => (double)(float)v));

    private static KnownTensor Zip(int[] left, int[] right, Func<int, int, bool> f, long[] shape)
    {
        long[] values = new long[left.Length];
        for (int n = 0; n < values.Length; n++) values[n] = f(left[n], right[n]) ? 1 : 0;
        return new KnownTensor(DataType.Bool, shape, values);
    }

    private static Func<bool, bool, bool>? Logic(string op) => op switch
    {
        OpNames.And => (a, b) => a && b,
        OpNames.Or => (a, b) => a || b,
        "Xor" => (a, b) => a ^ b,
        _ => null,
    };

    private static Func<int, bool>? Comparison(string op) => op switch
    {
        OpNames.Equal => order => order == 0,
        OpNames.Greater => order => order > 0,
        OpNames.Less => order => order < 0,
        "GreaterOrEqual" => order => order >= 0,
        "LessOrEqual" => order => order <= 0,
        _ => null,
    };

    private static Func<double, double, double>? Real(string op) => op switch
    {
        OpNames.Add or OpNames.Sum => (a, b) => a + b,
        OpNames.Sub => (a, b) => a - b,
        OpNames.Mul => (a, b) => a * b,
        OpNames.Div => (a, b) => a / b,
        OpNames.Pow => Math.Pow,
        OpNames.Min => Math.Min,
        OpNames.Max => Math.Max,
        _ => null,
    };

    private static Func<long, long, long>? Integer(NodeProto node) => node.OpType switch
    {
        OpNames.Add or OpNames.Sum => (a, b) => a + b,
        OpNames.Sub => (a, b) => a - b,
        OpNames.Mul => (a, b) => a * b,
        OpNames.Div => (a, b) => b == -1 ? -a : a / b,
        OpNames.Mod when node.Int("fmod", 0) == 1 => (a, b) => b == -1 ? 0 : a % b,
        OpNames.Mod => (a, b) => b == -1 ? 0 : ((a % b) + b) % b,
        OpNames.Pow => (a, b) => (long)Math.Pow(a, b),
        OpNames.Min => Math.Min,
        OpNames.Max => Math.Max,
        _ => null,
    };
}
