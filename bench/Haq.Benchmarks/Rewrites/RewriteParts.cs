using System.Collections.Immutable;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Benchmarks.Rewrites;

/// <summary>Networks around what is rewritten. Weights depend on their shapes alone, so that two ways of writing have the same.</summary>
internal static class RewriteParts
{
    /// <summary>Channels of convolutions, and the extent of their maps.</summary>
    public const int Width = 64, Extent = 40;

    /// <summary>Features of a row, and the heads that attention has.</summary>
    public const int Hidden = 384, Heads = 12;

    private const string Domain = "com.microsoft";

    /// <summary>Three convolutions with something between each and the next.</summary>
    public static void Stack(this GraphBuilder g, Func<Value, Value> between)
    {
        var x = g.Input("x", DataType.Float, 1, Width, Extent, Extent);
        for (int layer = 0; layer < 3; layer++) x = between(g.Convolution(x, Width, 3));
        g.Output(x, "y");
    }

    /// <summary>Convolutions side by side, joined, normalized; twice.</summary>
    public static void Inception(this GraphBuilder g)
    {
        var x = g.Input("x", DataType.Float, 1, Width, Extent, Extent);
        for (int block = 0; block < 2; block++)
        {
            var source = x;
            Value[] parts = [.. new[] { 1, 3, 3, 1 }.Select(kernel => g.Convolution(source, Width / 4, kernel))];
            x = g.Unary("Relu", g.Normalization(g.Concat(parts, 1)));
        }
        g.Output(x, "y");
    }

    /// <summary>Rows of features: three products with something behind each.</summary>
    public static void Rows(this GraphBuilder g, int rows, Func<Value, Value> behind)
    {
        var x = g.Input("x", DataType.Float, 1, rows, Hidden);
        for (int layer = 0; layer < 3; layer++) x = behind(g.Product(x));
        g.Output(x, "y");
    }

    /// <summary>Two layers of attention with a mask that is an input.</summary>
    public static void Attention(this GraphBuilder g, int rows, bool fused)
    {
        var x = g.Input("x", DataType.Float, 1, rows, Hidden);
        var mask = g.Input("mask", DataType.Float, 1, 1, 1, rows);
        var spread = fused ? g.Expand(mask, 1, 1, rows, rows) : mask;
        for (int layer = 0; layer < 2; layer++)
        {
            Value query = g.Product(x), key = g.Product(x), value = g.Product(x);
            var attended = fused ? g.Microsoft("MultiHeadAttention", [query, key, value, null, null, spread], query.Shape, Attributes.Of("num_heads", (long)Heads))
                : Attended(g, query, key, value, mask);
            x = g.Product(attended) + x;
        }
        g.Output(x, "y");
    }

    /// <summary>A 2 × 2 pooling.</summary>
    public static Value Pool(this GraphBuilder g, string op, Value x) =>
        g.Node(op, [x], [x.Shape[0], x.Shape[1], x.Shape[2] / 2, x.Shape[3] / 2], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2));

    /// <summary>Batch normalization as inference computes it.</summary>
    public static Value Normalization(this GraphBuilder g, Value x)
    {
        int channels = x.Shape[1];
        Value Around(ulong seed, double middle) => g.Tensor(Random(seed, channels, 0.1, middle), channels);
        return g.Node("BatchNormalization", [x, Around(1, 1), Around(2, 0), Around(3, 0), Around(4, 1)], x.Shape);
    }

    /// <summary>A QuantizeLinear and a DequantizeLinear of one scale.</summary>
    public static Value Pair(this GraphBuilder g, Value x)
    {
        var (scale, zero) = (g.Scalar(0.03f), g.Find("zero") ?? g.Initializer(TensorData.Scalar("zero", DataType.Uint8, 128)));
        return g.Node("DequantizeLinear", DataType.Float, [g.Node("QuantizeLinear", DataType.Uint8, [x, scale, zero], x.Shape), scale, zero], x.Shape);
    }

    /// <summary>One number for each of so many.</summary>
    public static Value Vector(this GraphBuilder g, int count, double middle = 1) => g.Tensor(Random(5, count, 0.1, middle), count);

    /// <summary>An operator that only ONNX Runtime has.</summary>
    public static Value Microsoft(this GraphBuilder g, string op, ReadOnlySpan<Value?> inputs, ImmutableArray<int> shape, params ReadOnlySpan<global::Onnx.AttributeProto> attributes)
    {
        var names = new List<string>();
        foreach (var input in inputs) names.Add(input?.Name ?? "");
        var node = OnnxNode.Of(op, names, [g.NewName(op)], g.NewName(op), Domain);
        foreach (var attribute in attributes) node.Attribute.Add(attribute);
        g.Adopt(node, [(DataType.Float, shape)]);
        return g[node.Output[0]];
    }

    private static Value Convolution(this GraphBuilder g, Value x, int channels, int kernel)
    {
        int inputs = x.Shape[1], size = inputs * kernel * kernel;
        var weight = g.Tensor(Random((ulong)kernel, channels * size, 1 / Math.Sqrt(size)), channels, inputs, kernel, kernel);
        var bias = g.Tensor(Random(6, channels, 0.1), channels);
        int pad = kernel / 2;
        return g.Node("Conv", [x, weight, bias], [x.Shape[0], channels, x.Shape[2], x.Shape[3]], Attributes.Of("kernel_shape", kernel, kernel), Attributes.Of("pads", pad, pad, pad, pad));
    }

    private static Value Product(this GraphBuilder g, Value x) =>
        g.MatMul(x, g.Tensor(Random(8, Hidden * Hidden, 1 / Math.Sqrt(Hidden)), Hidden, Hidden)) + g.Vector(Hidden, 0);

    private static Value Attended(GraphBuilder g, Value query, Value key, Value value, Value mask)
    {
        int rows = query.Shape[1], size = Hidden / Heads;
        Value Split(Value x, params int[] order) => g.Transpose(g.Reshape(x, 1, rows, Heads, size), order);
        var scores = g.MatMul(Split(query, 0, 2, 1, 3), Split(key, 0, 2, 3, 1)) / g.Scalar(MathF.Sqrt(size)) + mask;
        var shares = g.Node("Softmax", [scores], scores.Shape, Attributes.Of("axis", -1L));
        return g.Reshape(g.Transpose(g.MatMul(shares, Split(value, 0, 2, 1, 3)), 0, 2, 1, 3), 1, rows, Hidden);
    }

    /// <summary>Numbers around a middle.</summary>
    public static float[] Random(ulong seed, int count, double deviation, double middle = 0)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(middle + deviation * random.NextNormal()))];
    }
}
