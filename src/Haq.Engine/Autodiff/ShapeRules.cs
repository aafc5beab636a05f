using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Operators that move elements without computing; the gradient moves back.</summary>
internal static class ShapeRules
{
    public static GradientRule[] All { get; } =
    [
        Reshaping("Reshape", new([Real(2, 3, 4), Integers(4, -1)]), new([Real(2, 3, 4), Integers(0, 12)])),
        Reshaping("Flatten", new([Real(2, 3, 4)]), new([Real(2, 3, 4)], Attributes.Of("axis", 2L)), new([Real(2, 3)], Attributes.Of("axis", 0L))),
        Reshaping("Squeeze", new([Real(2, 1, 3, 1), Integers(1)]), new([Real(2, 1, 3, 1)])),
        Reshaping("Unsqueeze", new RuleExample([Real(2, 3), Integers(0, -1)])),
        new("Transpose", Transpose, new([Real(2, 3, 4)]), new([Real(2, 3, 4)], Attributes.Of("perm", 1, 2, 0))),
        // Undoing the broadcast is what Give does with every gradient.
        new("Expand", c => c.Give(0, () => c.Gradient), new([Real(3, 1), Integers(2, 3, 4)]), new([Real(2, 3), Integers(2, 1)])),
        new("Tile", Tile, new RuleExample([Real(2, 3), Integers(2, 3)])) { Refuse = c => c.NeedsConstant(1) },
        new("Concat", Concat, new([Real(2, 3), Real(2, 1), Real(2, 2)], Attributes.Of("axis", 1L)), new([Real(1, 3), Real(2, 3)], Attributes.Of("axis", -2L))),
        new("Split", Split,
            new([Real(2, 6)], Attributes.Of("axis", 1L), Attributes.Of("num_outputs", 3L)) { Outputs = 3 },
            new([Real(5, 2), Integers(2, 3)]) { Outputs = 2 }),
        new("DepthToSpace", DepthToSpace,
            new([Real(2, 8, 2, 3)], Attributes.Of("blocksize", 2L)), new([Real(1, 8, 2, 2)], Attributes.Of("blocksize", 2L), Attributes.Of("mode", "CRD"))),
        new("SpaceToDepth", c => c.Give(0, () => c.Graph.Node("DepthToSpace", [c.Gradient], c.X.Shape, Attributes.Of("blocksize", c.Int("blocksize", 0)))),
            new RuleExample([Real(2, 2, 4, 6)], Attributes.Of("blocksize", 2L))),
    ];

    private static GradientRule Reshaping(string op, params RuleExample[] examples) =>
        new(op, c => c.Give(0, () => c.Graph.Reshape(c.Gradient, c.X.Shape.AsSpan())), examples);

    private static void Transpose(GradientContext c)
    {
        int[] order = c.Ints("perm") ?? [.. Enumerable.Range(0, c.X.Rank).Reverse()];
        int[] back = new int[order.Length];
        for (int i = 0; i < order.Length; i++) back[order[i]] = i;
        c.Give(0, () => c.Graph.Transpose(c.Gradient, back));
    }

    private static void Tile(GradientContext c)
    {
        var repeats = c.Integers(1)!;
        int[] split = [.. c.X.Shape.SelectMany((extent, i) => new[] { (int)repeats[i], extent })];
        int[] axes = [.. Enumerable.Range(0, c.X.Rank).Select(i => 2 * i)];
        c.Give(0, () => c.Graph.Sum(c.Graph.Reshape(c.Gradient, split), axes, keep: false));
    }

    private static void Concat(GradientContext c)
    {
        int axis = c.Axis("axis", 0, c.Y.Rank), start = 0;
        for (int i = 0; i < c.InputCount; i++)
        {
            int from = start, count = c.Input(i).Shape[axis];
            c.Give(i, () => c.Graph.Slice(c.Gradient, axis, from, count));
            start += count;
        }
    }

    private static void Split(GradientContext c)
    {
        int axis = c.Axis("axis", 0, c.X.Rank);
        c.Give(0, () => c.Graph.Concat([.. c.Node.Output.Select((_, i) => c.OutputGradient(i) ?? c.Graph.Zeros(c.Output(i).Shape.AsSpan()))], axis));
    }

    private static void DepthToSpace(GradientContext c)
    {
        int block = (int)c.Int("blocksize", 0);
        if (c.Text("mode", "DCR") == "DCR")
        {
            c.Give(0, () => c.Graph.Node("SpaceToDepth", [c.Gradient], c.X.Shape, Attributes.Of("blocksize", (long)block)));
            return;
        }
        var (n, channels, h, w) = (c.X.Shape[0], c.Y.Shape[1], c.X.Shape[2], c.X.Shape[3]);
        c.Give(0, () => c.Graph.Reshape(
            c.Graph.Transpose(c.Graph.Reshape(c.Gradient, n, channels, h, block, w, block), 0, 1, 3, 5, 2, 4), c.X.Shape.AsSpan()));
    }
}
