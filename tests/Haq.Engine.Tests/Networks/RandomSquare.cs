using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>
/// Chains of matrices whose extents are all the same, so that rows, columns and channels cannot be told apart by their number: Gemm with every form
/// of C, factors and transposes, products with the constant on either side.
/// </summary>
internal sealed class RandomSquare(RandomGraph g)
{
    private long _n;

    public OnnxModel Make()
    {
        _n = g.Among<long>(4, 6, 8);
        string x = g.Input(_n, _n);
        int links = 2 + g.Pick(4);
        for (int i = 0; i < links; i++) x = Link(x);
        return g.Model(g.Among(14, 17, 21), x);
    }

    private string Link(string x)
    {
        string y = g.Pick(4) switch
        {
            0 => g.Node(OpNames.MatMul, [x, g.Weights([_n, _n], 1, _n)]),
            1 => g.Node(OpNames.MatMul, [g.Weights([_n, _n], 0, _n), x]),
            _ => Gemm(x),
        };
        int affines = g.Pick(3);
        for (int i = 0; i < affines; i++) y = Affine(y);
        return g.Activation(y);
    }

    private string Gemm(string x)
    {
        bool left = g.Once(4);
        string weight = g.Weights([_n, _n], 1, _n);
        List<string> inputs = left ? [weight, x] : [x, weight];
        if (!g.Once(4)) inputs.Add(g.Constant(g.Pick(6) switch { 0 => [_n, 1], 1 => [1, _n], 2 => [_n, _n], 3 => [1], 4 => [], _ => [_n] }, 0.5));
        return g.Node(OpNames.Gemm, [.. inputs], n =>
        {
            if (g.Once(3)) n.With("transB", 1L);
            if (g.Once(4)) n.With("transA", 1L);
            if (g.Once(4)) n.With("alpha", 0.5f);
            if (g.Once(4)) n.With("beta", 2f);
        });
    }

    private string Affine(string x)
    {
        string op = g.Among(OpNames.Mul, OpNames.Add, OpNames.Sub, OpNames.Div);
        string constant = g.Constant(g.Pick(5) switch { 0 => [_n, 1], 1 => [1, _n], 2 => [_n, _n], 3 => [1], _ => [_n] }, 0.2, op is OpNames.Mul or OpNames.Div ? 1.2 : 0);
        return g.Node(op, g.Once(3) && op != OpNames.Div ? [constant, x] : [x, constant]);
    }
}
