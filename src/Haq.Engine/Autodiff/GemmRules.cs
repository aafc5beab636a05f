using Haq.Engine.Graphs;
using static Haq.Engine.Autodiff.RuleExample;

namespace Haq.Engine.Autodiff;

/// <summary>Matrix products.</summary>
internal static class GemmRules
{
    public static GradientRule[] All { get; } =
    [
        new("Gemm", Gemm,
            new([Real(4, 3), Real(3, 5), Real(5)]),
            new([Real(3, 4), Real(3, 5), Real(4, 1)], Attributes.Of("transA", 1L), Attributes.Of("alpha", 0.5f), Attributes.Of("beta", 2f)),
            new([Real(4, 3), Real(5, 3)], Attributes.Of("transB", 1L)),
            new([Real(3, 4), Real(5, 3), Real()], Attributes.Of("transA", 1L), Attributes.Of("transB", 1L), Attributes.Of("alpha", 1.5f))),
        new("MatMul", MatMul,
            new([Real(4, 3), Real(3, 5)]), new([Real(2, 4, 3), Real(2, 3, 5)]), new([Real(2, 3, 4, 3), Real(3, 5)]), new([Real(4, 3), Real(2, 3, 5)]),
            new([Real(2, 1, 4, 3), Real(3, 3, 2)]), new([Real(3), Real(3, 5)]), new([Real(2, 4, 3), Real(3)]), new([Real(3), Real(3)])),
    ];

    private static void Gemm(GradientContext c)
    {
        bool ta = c.Int("transA", 0) != 0, tb = c.Int("transB", 0) != 0;
        float alpha = c.Float("alpha", 1), beta = c.Float("beta", 1);
        var (g, dy) = (c.Graph, c.Gradient);
        // Y = α·A·B: dA = α·dY·Bᵀ, dB = α·Aᵀ·dY, each transposed where the operand was.
        c.Give(0, () => ta ? g.Gemm(c.Input(1), dy, tb, true, alpha) : g.Gemm(dy, c.Input(1), false, !tb, alpha));
        c.Give(1, () => tb ? g.Gemm(dy, c.Input(0), true, ta, alpha) : g.Gemm(c.Input(0), dy, !ta, false, alpha));
        c.Give(2, () => beta == 1 ? dy : dy * beta);
    }

    private static void MatMul(GradientContext c)
    {
        var (g, a, b, dy) = (c.Graph, c.Input(0), c.Input(1), c.Gradient);
        // Vectors become matrices of one row or column first, as NumPy's matmul defines it.
        var rowsA = a.Rank == 1 ? g.Reshape(a, 1, a.Shape[0]) : a;
        var columnsB = b.Rank == 1 ? g.Reshape(b, b.Shape[0], 1) : b;
        var batch = GraphBuilder.Broadcast(rowsA.Shape[..^2], columnsB.Shape[..^2]);
        dy = g.Reshape(dy, [.. batch, rowsA.Shape[^2], columnsB.Shape[^1]]);
        c.Give(0, () => g.Reshape(g.ReduceTo(g.MatMul(dy, g.SwapLast(columnsB)), rowsA.Shape.AsSpan()), a.Shape.AsSpan()));
        c.Give(1, () => g.Reshape(DenseWeight(g, rowsA, columnsB, dy), b.Shape.AsSpan()));
    }

    private static Value DenseWeight(GraphBuilder g, Value a, Value b, Value dy)
    {
        if (b.Rank == 2 && a.Rank > 2)
        {
            // One matrix for the whole batch: a single product instead of a sum of many.
            int rows = (int)(a.Count / a.Shape[^1]);
            return g.Gemm(g.Reshape(a, rows, a.Shape[^1]), g.Reshape(dy, rows, dy.Shape[^1]), transposeA: true);
        }
        return g.ReduceTo(g.MatMul(g.SwapLast(a), dy), b.Shape.AsSpan());
    }
}
