using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>
/// Convolutional networks: strides, groups, dilations, normalizations, constants of every shape that broadcasts, residuals, branches, heads.
/// Channels and extents are often equal, so that a shape that is told by counting is told wrong.
/// </summary>
internal sealed class RandomCnn(RandomGraph g)
{
    private long _channels, _size;

    public OnnxModel Make()
    {
        _size = g.Among<long>(6, 8, 12);
        _channels = g.Among(3, _size, 4);
        string x = g.Input(g.Among<long>(1, 1, -1), _channels, _size, _size);
        int blocks = 2 + g.Pick(4);
        for (int i = 0; i < blocks; i++) x = Block(x);
        return g.Once(4) ? g.Model(g.Among(14, 17, 21), x) : g.Model(g.Among(14, 17, 21), Head(x));
    }

    private string Block(string x)
    {
        switch (g.Pick(7))
        {
            case 0:
                return g.Node(OpNames.Add, [x, g.Activation(Affine(Convolution(x, _channels, 3, 1)))]);
            case 1:
                var channels = _channels;
                string left = g.Activation(Convolution(x, 4, 3, 1));
                _channels = channels;
                string right = g.Activation(Convolution(x, 4, 1, 1));
                _channels = 8;
                return g.Node(OpNames.Concat, [left, right], n => n.With("axis", 1L));
            case 2:
                return g.Activation(Affine(Depthwise(x)));
            case 3 when _size >= 4:
                string pooled = g.Node(g.Among("MaxPool", "AveragePool"), [g.Activation(Affine(Convolution(x, g.Among(_size, 8), 3, 1)))], n =>
                    n.With("kernel_shape", [2L, 2L]).With("strides", [2L, 2L]));
                _size /= 2;
                return pooled;
            case 4 when _size <= 8:
                return Transposed(x);
            default:
                return g.Activation(Affine(Convolution(x, g.Among(_size, 8, 5), g.Among(1, 3), _size >= 6 ? g.Among(1, 1, 2) : 1)));
        }
    }

    private string Convolution(string x, long outputs, long kernel, long stride)
    {
        string weight = g.Weights([outputs, _channels, kernel, kernel], 0, _channels * kernel * kernel);
        string[] inputs = g.Once(3) ? [x, weight] : [x, weight, g.Constant([outputs], 0.3)];
        _channels = outputs;
        _size = (_size - 1) / stride + 1;
        long pad = kernel / 2;
        return g.Node(OpNames.Conv, inputs, n => n.With("pads", [pad, pad, pad, pad]).With("strides", [stride, stride]).With("kernel_shape", [kernel, kernel]));
    }

    private string Depthwise(string x)
    {
        string weight = g.Weights([_channels, 1, 3, 3], 0, 9);
        long groups = _channels;
        return g.Node(OpNames.Conv, [x, weight, g.Constant([groups], 0.2)], n => n.With("pads", [1L, 1L, 1L, 1L]).With("group", groups));
    }

    private string Transposed(string x)
    {
        long outputs = g.Among(_size, 4);
        string weight = g.Weights([_channels, outputs, 2, 2], 1, _channels);
        _channels = outputs;
        _size *= 2;
        return g.Node(OpNames.ConvTranspose, [x, weight, g.Constant([outputs], 0.2)], n => n.With("strides", [2L, 2L]));
    }

    // What exporters leave behind a convolution: a normalization, or its arithmetic, along channels or along something that has as many entries.
    private string Affine(string x)
    {
        string op = g.Among(OpNames.Mul, OpNames.Add, OpNames.Sub, OpNames.Div);
        double mean = op is OpNames.Mul or OpNames.Div ? 1.5 : 0;
        long[] shape = g.Pick(8) switch
        {
            0 => [_channels, 1, 1],
            1 => [1, _channels, 1, 1],
            2 => [_size],
            3 => [_size, 1],
            4 => [1],
            5 => [],
            6 => [_size, _size],
            _ => [0],
        };
        if (shape is not [0]) return g.Node(op, g.Once(3) && op != OpNames.Div ? [g.Constant(shape, 0.2, mean), x] : [x, g.Constant(shape, 0.2, mean)]);
        string variance = g.Constant([_channels], 0.1, 1);
        return g.Node(OpNames.BatchNormalization, [x, g.Constant([_channels], 0.3, 1), g.Constant([_channels], 0.3), g.Constant([_channels], 0.3), variance]);
    }

    private string Head(string x)
    {
        string pooled = g.Once(2) ? g.Node(OpNames.GlobalAveragePool, [x]) : x;
        long width = pooled == x ? _channels * _size * _size : _channels;
        string flat = g.Node("Flatten", [pooled]);
        string weight = g.Weights([10, width], 0, width);
        string scores = g.Node(OpNames.Gemm, [flat, weight, g.Constant(g.Among<long[]>([10], [1, 10], [1], []), 0.3)], n => n.With("transB", 1L));
        return g.Once(2) ? g.Node("Softmax", [scores], n => n.With("axis", 1L)) : scores;
    }
}
