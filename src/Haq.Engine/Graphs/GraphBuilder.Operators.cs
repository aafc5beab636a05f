using System.Collections.Immutable;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Graphs;

// The operators that rules are written with; each knows its output's shape.
public sealed partial class GraphBuilder
{
    /// <summary>An elementwise operator of one input.</summary>
    public Value Unary(string op, Value x) => Node(op, [x], x.Shape);

    /// <summary>An elementwise operator of two inputs, broadcast.</summary>
    public Value Binary(string op, Value a, Value b) => Node(op, [a, b], Broadcast(a.Shape, b.Shape));

    /// <summary>An elementwise operator of two inputs, broadcast, with a truth value as result.</summary>
    public Value Compare(string op, Value a, Value b) => Node(op, DataType.Bool, [a, b], Broadcast(a.Shape, b.Shape));

    /// <summary>a where the condition holds, else b; broadcast.</summary>
    public Value Where(Value condition, Value a, Value b) =>
        Node("Where", a.Type, [condition, a, b], Broadcast(condition.Shape, Broadcast(a.Shape, b.Shape)));

    /// <summary>x where the condition holds, else 0.</summary>
    public Value Mask(Value condition, Value x) => Where(condition, x, Scalar(0));

    /// <summary>The same elements in another shape.</summary>
    public Value Reshape(Value x, params ReadOnlySpan<int> shape)
    {
        if (x.Shape.AsSpan().SequenceEqual(shape)) return x;
        Span<long> extents = stackalloc long[shape.Length];
        for (int i = 0; i < shape.Length; i++) extents[i] = shape[i];
        return Node("Reshape", [x, Integers(extents)], [.. shape]);
    }

    /// <summary>Permuted dimensions: output dimension i is input dimension permutation[i].</summary>
    public Value Transpose(Value x, params ReadOnlySpan<int> permutation)
    {
        bool identity = true;
        var shape = ImmutableArray.CreateBuilder<int>(permutation.Length);
        for (int i = 0; i < permutation.Length; i++)
        {
            identity &= permutation[i] == i;
            shape.Add(x.Shape[permutation[i]]);
        }
        return identity ? x : Node("Transpose", [x], shape.MoveToImmutable(), Attributes.Of("perm", permutation));
    }

    /// <summary>The sum over some axes; none means no change.</summary>
    public Value Sum(Value x, ReadOnlySpan<int> axes, bool keep = true) => Reduce("ReduceSum", x, axes, keep);

    /// <summary>The mean over some axes; none means no change.</summary>
    public Value Mean(Value x, ReadOnlySpan<int> axes, bool keep = true) => Reduce("ReduceMean", x, axes, keep);

    /// <summary>The sum of all elements, a scalar.</summary>
    public Value Total(Value x) => Reduce("ReduceSum", x, [.. Enumerable.Range(0, x.Rank)], keep: false);

    /// <summary>A matrix product, batched and broadcast over the leading dimensions; both of rank 2 or more.</summary>
    public Value MatMul(Value a, Value b)
    {
        var batch = Broadcast(a.Shape[..^2], b.Shape[..^2]);
        return Node("MatMul", [a, b], [.. batch, a.Shape[^2], b.Shape[^1]]);
    }

    /// <summary>alpha·A·B of matrices, either transposed first.</summary>
    public Value Gemm(Value a, Value b, bool transposeA = false, bool transposeB = false, float alpha = 1)
    {
        int rows = a.Shape[transposeA ? 1 : 0], columns = b.Shape[transposeB ? 0 : 1];
        return Node("Gemm", [a, b], [rows, columns],
            Attributes.Of("transA", transposeA ? 1L : 0), Attributes.Of("transB", transposeB ? 1L : 0), Attributes.Of("alpha", alpha));
    }

    /// <summary>The last two dimensions exchanged.</summary>
    public Value SwapLast(Value x)
    {
        int[] order = [.. Enumerable.Range(0, x.Rank)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return Transpose(x, order);
    }

    /// <summary>Some axes cut: output extent is count, taken from start on in steps.</summary>
    public Value Slice(Value x, ReadOnlySpan<int> axes, ReadOnlySpan<int> starts, ReadOnlySpan<int> counts, ReadOnlySpan<int> steps)
    {
        var shape = x.Shape.ToArray();
        var (from, to, along, by) = (new long[axes.Length], new long[axes.Length], new long[axes.Length], new long[axes.Length]);
        bool whole = true;
        for (int i = 0; i < axes.Length; i++)
        {
            whole &= starts[i] == 0 && steps[i] == 1 && counts[i] == shape[axes[i]];
            shape[axes[i]] = counts[i];
            (from[i], along[i], by[i]) = (starts[i], axes[i], steps[i]);
            // Walking backwards to the first element needs an end before it, which ONNX writes as the smallest number.
            long end = starts[i] + (long)(counts[i] - 1) * steps[i] + Math.Sign(steps[i]);
            to[i] = end < 0 ? long.MinValue : end;
        }
        return whole ? x : Node("Slice", [x, Integers(from), Integers(to), Integers(along), Integers(by)], [.. shape]);
    }

    /// <summary>One axis cut.</summary>
    public Value Slice(Value x, int axis, int start, int count) => Slice(x, [axis], [start], [count], [1]);

    /// <summary>The order of one axis reversed.</summary>
    public Value Reverse(Value x, int axis) => Slice(x, [axis], [x.Shape[axis] - 1], [x.Shape[axis]], [-1]);

    /// <summary>Zeros added before and after (negative: elements removed), per dimension.</summary>
    public Value Pad(Value x, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        var pads = new long[2 * x.Rank];
        var shape = x.Shape.ToArray();
        for (int i = 0; i < x.Rank; i++)
        {
            (pads[i], pads[i + x.Rank]) = (before[i], after[i]);
            shape[i] += before[i] + after[i];
        }
        return Array.TrueForAll(pads, p => p == 0) ? x : Node("Pad", [x, Integers(pads)], [.. shape]);
    }

    /// <summary>Zeros added before and after along one axis (negative: elements removed).</summary>
    public Value Pad(Value x, int axis, int before, int after)
    {
        Span<int> front = stackalloc int[x.Rank], back = stackalloc int[x.Rank];
        (front[axis], back[axis]) = (before, after);
        return Pad(x, front, back);
    }

    /// <summary>Values side by side along an axis.</summary>
    public Value Concat(ReadOnlySpan<Value> parts, int axis)
    {
        if (parts.Length == 1) return parts[0];
        var shape = parts[0].Shape.ToArray();
        shape[axis] = 0;
        foreach (var part in parts) shape[axis] += part.Shape[axis];
        return Node("Concat", [.. parts], [.. shape], Attributes.Of("axis", (long)axis));
    }

    /// <summary>Repeated along dimensions of extent 1 up to a shape.</summary>
    public Value Expand(Value x, params ReadOnlySpan<int> shape)
    {
        if (x.Shape.AsSpan().SequenceEqual(shape)) return x;
        Span<long> extents = stackalloc long[shape.Length];
        for (int i = 0; i < shape.Length; i++) extents[i] = shape[i];
        return Node("Expand", [x, Integers(extents)], [.. shape]);
    }

    /// <summary>Zeros of a shape.</summary>
    public Value Zeros(params ReadOnlySpan<int> shape) => Expand(Scalar(0), shape);

    /// <summary>Converted to single precision.</summary>
    public Value ToFloat(Value x) => x.Type == DataType.Float ? x : Node("Cast", DataType.Float, [x], x.Shape, Attributes.Of("to", (long)DataType.Float));

    /// <summary>Sums over the dimensions that broadcasting added or stretched, so that the result has the given shape.</summary>
    public Value ReduceTo(Value x, ReadOnlySpan<int> shape)
    {
        if (x.Shape.AsSpan().SequenceEqual(shape)) return x;
        int added = x.Rank - shape.Length;
        var axes = new List<int>();
        for (int i = 0; i < x.Rank; i++)
            if (i < added || (shape[i - added] == 1 && x.Shape[i] != 1)) axes.Add(i);
        return Reshape(Sum(x, [.. axes]), shape);
    }

    /// <summary>ONNX's (NumPy's) broadcast shape.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public static ImmutableArray<int> Broadcast(ImmutableArray<int> a, ImmutableArray<int> b)
    {
        int rank = Math.Max(a.Length, b.Length);
        var shape = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            int p = i < rank - a.Length ? 1 : a[i - rank + a.Length], q = i < rank - b.Length ? 1 : b[i - rank + b.Length];
            if (p != q && p != 1 && q != 1) throw new ArgumentException($"[{string.Join(',', a)}] and [{string.Join(',', b)}] do not broadcast", nameof(b));
            shape[i] = p == 1 ? q : p;
        }
        return [.. shape];
    }

    private Value Reduce(string op, Value x, ReadOnlySpan<int> axes, bool keep)
    {
        if (axes.IsEmpty) return x;
        Span<bool> gone = stackalloc bool[x.Rank];
        var list = new long[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            gone[axes[i]] = true;
            list[i] = axes[i];
        }
        var shape = ImmutableArray.CreateBuilder<int>();
        for (int i = 0; i < x.Rank; i++)
        {
            if (!gone[i]) shape.Add(x.Shape[i]);
            else if (keep) shape.Add(1);
        }
        return Node(op, [x, Integers(list)], shape.ToImmutable(), Attributes.Of("keepdims", keep ? 1L : 0));
    }
}
