using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>Networks over sequences: products and biases of every shape that broadcasts, normalizations, attention with masks, gates. Steps and features are often as many.</summary>
internal sealed class RandomSequence(RandomGraph g)
{
    private long _steps, _width;

    public OnnxModel Make()
    {
        _steps = g.Among<long>(4, 6, 8);
        _width = g.Among(_steps, 8);
        string x = g.Input(g.Among<long>(1, -1), _steps, _width);
        int blocks = 2 + g.Pick(3);
        for (int i = 0; i < blocks; i++) x = Block(x);
        return g.Model(17, g.Once(3) ? g.Node("ReduceMean", [x], n => n.With("axes", [1L])) : x);
    }

    private string Block(string x)
    {
        switch (g.Pick(6))
        {
            case 0:
                return g.Node(OpNames.Add, [x, g.Activation(Product(x, _width))]);
            case 1:
                return Norm(g.Node(OpNames.Add, [x, Attention(x)]));
            case 2:
                string gate = g.Node("Sigmoid", [Product(x, _width)]);
                return g.Node(OpNames.Mul, [x, gate]);
            case 3:
                long before = _width;
                string wide = g.Activation(Product(x, 2 * _width));
                _width *= 2;
                string back = Product(wide, before);
                _width = before;
                return Norm(g.Node(OpNames.Add, [x, back]));
            case 4:
                string turned = g.Node("Transpose", [x], n => n.With("perm", [0L, 2L, 1L]));
                (_steps, _width) = (_width, _steps);
                long outputs = g.Among(_width, _steps);
                string mixed = g.Activation(Product(turned, outputs));
                _width = outputs;
                return mixed;
            default:
                long width = g.Among(_steps, _width);
                string y = g.Activation(Product(x, width));
                _width = width;
                return y;
        }
    }

    private string Product(string x, long outputs)
    {
        string product = g.Node(OpNames.MatMul, [x, g.Weights([_width, outputs], 1, _width)]);
        long[] shape = g.Pick(6) switch { 0 => [_steps, 1], 1 => [_steps, outputs], 2 => [1], 3 => [1, 1, outputs], 4 => [0], _ => [outputs] };
        return shape is [0] ? product : g.Node(OpNames.Add, g.Once(3) ? [g.Constant(shape, 0.3), product] : [product, g.Constant(shape, 0.3)]);
    }

    private string Norm(string x) => g.Once(3) ? x : g.Node("LayerNormalization", [x, g.Constant([_width], 0.2, 1), g.Constant([_width], 0.2)], n => n.With("axis", -1L));

    private string Attention(string x)
    {
        string q = Product(x, _width), k = Product(x, _width), v = Product(x, _width);
        string scores = g.Node(OpNames.MatMul, [q, g.Node("Transpose", [k], n => n.With("perm", [0L, 2L, 1L]))]);
        scores = g.Node(OpNames.Mul, [scores, g.Scalar(0.35f)]);
        if (!g.Once(3)) scores = g.Node(OpNames.Add, [scores, Mask(x)]);
        return Product(g.Node(OpNames.MatMul, [g.Node("Softmax", [scores], n => n.With("axis", -1L)), v]), _width);
    }

    // Computed from the input, as an exporter leaves it: where the first feature is negative the step is hidden.
    private string Mask(string x)
    {
        string first = g.Node("Slice", [x, g.Longs(0), g.Longs(1), g.Longs(2)]);
        string hidden = g.Node("Less", [g.Node("Transpose", [first], n => n.With("perm", [0L, 2L, 1L])), g.Scalar(-0.5f)]);
        return g.Node("Where", [hidden, g.Scalar(g.Among(-10000f, -1e9f, float.MinValue)), g.Scalar(0)]);
    }
}
