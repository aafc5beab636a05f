using System.Collections.Immutable;
using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Autodiff;

/// <summary>Operators that select elements; the gradient is put back where they came from, zero elsewhere.</summary>
internal static class IndexRules
{
    public static GradientRule[] All { get; } =
    [
        new("Slice", Slice,
            new([Real(4, 6), Integers(1), Integers(3)]),
            new([Real(4, 7), Integers(-3, 0), Integers(int.MaxValue, 6), Integers(0, 1), Integers(1, 2)]),
            new([Real(6, 7), Integers(-1, 5), Integers(long.MinValue, 0), Integers(1, 0), Integers(-2, -1)]))
        {
            Refuse = c => c.NeedsConstant(1, 2, 3, 4),
        },
        new("Gather", Gather,
            new([Real(5, 3), Indices([4], 0, 2, 2, -1)]), new([Real(2, 4, 3), Indices([2, 2], 0, 3, 1, 3)], Attributes.Of("axis", 1L)),
            new([Real(2, 4), Indices([], 1)], Attributes.Of("axis", -1L))),
        new("GatherElements", c => c.Give(0, () => Scatter(c.Graph, c.X.Shape, c.Input(1), c.Gradient, c.Axis("axis", 0, c.X.Rank))),
            new RuleExample([Real(3, 4), Indices([2, 4], 0, 1, 2, 0, 2, 1, 2, -1)]), new([Real(2, 4), Indices([2, 2], 0, 0, 3, 1)], Attributes.Of("axis", 1L))),
        new("Pad", Pad,
            new([Real(2, 3, 4), Integers(0, 1, 2, 1, 0, 3)]), new([Real(4, 4), Integers(-1, 1, 1, -2), Number(0.5f)]),
            new([Real(2, 4, 5), Integers(0, 1, 2, 0, 2, 3)], Attributes.Of("mode", "reflect")),
            new([Real(3, 4), Integers(1, 2, 0, 3)], Attributes.Of("mode", "edge")))
        {
            Refuse = c => c.NeedsConstant(1, 3) ?? (c.Text("mode", "constant") is "constant" or "reflect" or "edge" or "wrap" ? null : $"mode {c.Text("mode", "")}"),
        },
    ];

    private static void Slice(GradientContext c) => c.Give(0, () =>
    {
        var (starts, axes, steps) = (c.Integers(1)!, c.Integers(3), c.Integers(4));
        var dx = c.Gradient;
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = axes is { } a ? GradientContext.Wrap((int)a[i], c.X.Rank) : i, step = steps is { } s ? (int)s[i] : 1;
            int extent = c.X.Shape[axis], count = c.Y.Shape[axis];
            if (count == 0) return c.Graph.Zeros(c.X.Shape.AsSpan());
            long first = starts[i] < 0 ? starts[i] + extent : starts[i];
            int start = (int)Math.Clamp(first, 0, step < 0 ? extent - 1 : extent);
            dx = PutBack(c.Graph, dx, axis, start, step, extent);
        }
        return dx;
    });

    /// <summary>Spreads elements over an axis: element i goes to start + i·step, zeros elsewhere.</summary>
    public static Value PutBack(GraphBuilder g, Value x, int axis, int start, int step, int extent)
    {
        int count = x.Shape[axis];
        if (step < 0) return PutBack(g, g.Reverse(x, axis), axis, start + (count - 1) * step, -step, extent);
        x = Dilate(g, x, axis, step);
        return g.Pad(x, axis, start, extent - start - x.Shape[axis]);
    }

    /// <summary>Inserts step − 1 zeros between the elements of an axis.</summary>
    public static Value Dilate(GraphBuilder g, Value x, int axis, int step)
    {
        if (step == 1) return x;
        int count = x.Shape[axis];
        int[] split = [.. x.Shape[..(axis + 1)], 1, .. x.Shape[(axis + 1)..]], merged = [.. x.Shape];
        merged[axis] = count * step;
        var spread = g.Reshape(g.Pad(g.Reshape(x, split), axis + 1, 0, step - 1), merged);
        return g.Slice(spread, axis, 0, (count - 1) * step + 1);
    }

    private static void Gather(GradientContext c) => c.Give(0, () =>
    {
        int axis = c.Axis("axis", 0, c.X.Rank), picked = c.Input(1).Rank;
        var g = c.Graph;
        // Selected axis first, everything else flat: rows are added to rows.
        int rows = c.X.Shape[axis], count = (int)c.Input(1).Count, rest = (int)(c.X.Count / rows);
        int[] order = [.. Enumerable.Range(axis, picked), .. Enumerable.Range(0, axis), .. Enumerable.Range(axis + picked, c.X.Rank - axis - 1)];
        var updates = g.Reshape(g.Transpose(c.Gradient, order), count, rest);
        var indices = g.Expand(g.Reshape(c.Input(1), count, 1), count, rest);
        var sums = Scatter(g, [rows, rest], indices, updates, 0);
        int[] moved = [rows, .. c.X.Shape[..axis], .. c.X.Shape[(axis + 1)..]];
        int[] back = [.. Enumerable.Range(1, axis), 0, .. Enumerable.Range(axis + 1, c.X.Rank - axis - 1)];
        return g.Transpose(g.Reshape(sums, moved), back);
    });

    /// <summary>Sums updates into zeros at the given indices along an axis.</summary>
    public static Value Scatter(GraphBuilder g, ImmutableArray<int> shape, Value indices, Value updates, int axis) =>
        g.Node("ScatterElements", DataType.Float, [g.Zeros(shape.AsSpan()), indices, updates], shape, Attributes.Of("axis", (long)axis), Attributes.Of("reduction", "add"));

    private static void Pad(GradientContext c) => c.Give(0, () =>
    {
        var pads = c.Integers(1)!;
        int[] axes = c.Integers(3) is { } given ? [.. given.Select(a => GradientContext.Wrap((int)a, c.X.Rank))] : [.. Enumerable.Range(0, c.X.Rank)];
        string mode = c.Text("mode", "constant");
        var dx = c.Gradient;
        for (int i = 0; i < axes.Length; i++)
        {
            int before = (int)pads[i], after = (int)pads[i + axes.Length];
            if (before == 0 && after == 0) continue;
            dx = mode == "constant"
                ? c.Graph.Pad(dx, axes[i], -before, -after)
                : AxisMap.Transposed(c.Graph, dx, axes[i], AxisMap.Padding(mode, c.X.Shape[axes[i]], before, after));
        }
        return dx;
    });
}
