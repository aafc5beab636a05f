using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Quantization.Preparation;
using static Onnx.TensorProto.Types;

namespace Haq.Benchmarks.Rewrites;

/// <summary>Every rewriting that was thought of, each on a network of the size that has it in practice.</summary>
internal static class RewriteExamples
{
    private static readonly (string Name, Func<Value, Value> Write)[] s_idle =
    [
        ("Identity", x => x.Graph.Unary("Identity", x)),
        ("Dropout", x => x.Graph.Unary("Dropout", x)),
        ("Cast to its own type", x => x.Graph.Node("Cast", [x], x.Shape, Attributes.Of("to", (long)DataType.Float))),
        ("x · 1", x => x * x.Graph.Scalar(1)),
        ("x + 0", x => x + x.Graph.Scalar(0)),
        ("Reshape to its own shape", x => x.Graph.Node("Reshape", [x, Extents(x)], x.Shape)),
        ("Expand to its own shape", x => x.Graph.Node("Expand", [x, Extents(x)], x.Shape)),
        ("Slice of everything", x => x.Graph.Node("Slice", [x, x.Graph.Integers(0), x.Graph.Integers(x.Shape[1]), x.Graph.Integers(1), x.Graph.Integers(1)], x.Shape)),
        ("Pad of nothing", x => x.Graph.Node("Pad", [x, x.Graph.Integers(new long[8])], x.Shape)),
        ("Concat of one", x => x.Graph.Node("Concat", [x], x.Shape, Attributes.Of("axis", 1L))),
        ("Transpose that keeps the order", x => x.Graph.Node("Transpose", [x], x.Shape, Attributes.Of("perm", 0, 1, 2, 3))),
        ("Unsqueeze and Squeeze", x => x.Graph.Node("Squeeze", [x.Graph.Node("Unsqueeze", [x, x.Graph.Integers(0)], [1, .. x.Shape]), x.Graph.Integers(0)], x.Shape)),
        ("Resize by 1", x => x.Graph.Node("Resize", [x, null, x.Graph.Tensor([1, 1, 1, 1], 4)], x.Shape)),
    ];

    public static IEnumerable<RewriteExample> All
    {
        get
        {
            yield return Rewritten("hard-swish written out (Add, Clip, Mul, Div)", g => g.Stack(x => x * Clipped(x, 3, 6) / x.Graph.Scalar(6)), HardSigmoidFolding.Apply);
            yield return Rewritten("hard-sigmoid written out (Add, Clip, Div)", g => g.Stack(x => Clipped(x, 3, 6) / x.Graph.Scalar(6)), HardSigmoidFolding.Apply);
            yield return Rewritten("batch normalization behind a concatenation", RewriteParts.Inception, Lift);
            yield return Rewritten("batch normalization behind an average pooling", g => Pooled(g, "AveragePool"), Lift);
            yield return Rewritten("batch normalization behind a maximum pooling", g => Pooled(g, "MaxPool"), Lift);
            yield return Pair("x · sigmoid(x) as QuickGelu",
                g => g.Stack(x => x * g.Unary("Sigmoid", x)), g => g.Stack(x => g.Microsoft("QuickGelu", [x], x.Shape, Attributes.Of("alpha", 1f))));
            yield return Pair("division by a constant as product", g => g.Stack(x => g.Unary("Tanh", x) / g.Scalar(1.7f)), g => g.Stack(x => g.Unary("Tanh", x) * g.Scalar(1 / 1.7f)));
            yield return Rewritten("division by a constant behind a convolution", g => g.Stack(x => g.Unary("Relu", x / g.Vector(1, 1.7f))), BatchNormFolding.Apply);
            foreach (var (name, write) in s_idle) yield return Pair($"what changes nothing: {name}", g => g.Stack(x => g.Unary("Relu", write(x))), g => g.Stack(x => g.Unary("Relu", x)));
            yield return Pair("transposes around an activation",
                g => g.Stack(x => g.Transpose(g.Unary("Tanh", g.Transpose(x, 0, 2, 3, 1)), 0, 3, 1, 2)), g => g.Stack(x => g.Unary("Tanh", x)));
            yield return Pair("transposes around a product by channel",
                g => g.Stack(x => g.Transpose(g.Transpose(x, 0, 2, 3, 1) * g.Vector(RewriteParts.Width), 0, 3, 1, 2)),
                g => g.Stack(x => x * g.Tensor(RewriteParts.Random(5, RewriteParts.Width, 0.1, 1), RewriteParts.Width, 1, 1)));
            yield return Pair("a pair twice", g => g.Stack(x => g.Pair(g.Pair(x))), g => g.Stack(g.Pair));
            yield return Pair("pairs around what moves values", g => g.Stack(x => g.Pair(Moved(g.Pair(x)))), g => g.Stack(x => Moved(g.Pair(x))));
            foreach (int rows in new[] { 16, 128 })
                foreach (var example in OfRows(rows)) yield return example;
        }
    }

    private static IEnumerable<RewriteExample> OfRows(int rows)
    {
        yield return Pair($"layer normalization written out, {rows} rows", g => g.Rows(rows, Normalized), g => g.Rows(rows, x =>
            g.Node("LayerNormalization", [x, g.Vector(RewriteParts.Hidden), g.Vector(RewriteParts.Hidden, 0)], x.Shape, Attributes.Of("epsilon", 1e-5f))));
        yield return Pair($"GELU written out, {rows} rows", g => g.Rows(rows, Gelu), g => g.Rows(rows, x => g.Node("Gelu", [x], x.Shape)));
        yield return Pair($"GELU by tanh written out, {rows} rows", g => g.Rows(rows, TanhGelu), g => g.Rows(rows, x => g.Node("Gelu", [x], x.Shape, Attributes.Of("approximate", "tanh"))));
        yield return Pair($"attention written out, {rows} rows", g => g.Attention(rows, fused: false), g => g.Attention(rows, fused: true));
    }

    private static Value Clipped(Value x, float shift, float width) => x.Graph.Node("Clip", [x + x.Graph.Scalar(shift), x.Graph.Scalar(0), x.Graph.Scalar(width)], x.Shape);


    private static Value Extents(Value x) => x.Graph.Integers([.. x.Shape.Select(d => (long)d)]);

    private static Value Moved(Value x) => x.Graph.Reshape(x.Graph.Reshape(x, 1, x.Shape[1], x.Shape[2] * x.Shape[3]), [.. x.Shape]);

    private static Value Normalized(Value x)
    {
        var (g, last) = (x.Graph, x.Rank - 1);
        var centred = x - g.Mean(x, [last]);
        var deviation = g.Unary("Sqrt", g.Mean(g.Binary("Pow", centred, g.Scalar(2)), [last]) + g.Scalar(1e-5f));
        return centred / deviation * g.Vector(RewriteParts.Hidden) + g.Vector(RewriteParts.Hidden, 0);
    }

    private static Value Gelu(Value x)
    {
        var g = x.Graph;
        return x * (g.Unary("Erf", x / g.Scalar(1.41421356f)) + g.Scalar(1)) * g.Scalar(0.5f);
    }

    private static Value TanhGelu(Value x)
    {
        var g = x.Graph;
        var bent = g.Unary("Tanh", (x + g.Binary("Pow", x, g.Scalar(3)) * g.Scalar(0.044715f)) * g.Scalar(0.7978846f));
        return x * (bent + g.Scalar(1)) * g.Scalar(0.5f);
    }

    private static void Pooled(GraphBuilder g, string op) => g.Stack(x => g.Unary("Relu", g.Normalization(g.Pool(op, x))));

    private static IReadOnlyList<string> Lift(OnnxModel model)
    {
        var moved = NormalizationLifting.Apply(model);
        BatchNormFolding.Apply(model);
        return moved;
    }

    private static RewriteExample Rewritten(string name, Action<GraphBuilder> write, Func<OnnxModel, IReadOnlyList<string>> pass)
    {
        var (before, after) = (Model(write), Model(write));
        if (pass(after).Count == 0) throw new InvalidOperationException($"{name}: nothing was rewritten");
        return new RewriteExample(name, before, after);
    }

    private static RewriteExample Pair(string name, Action<GraphBuilder> before, Action<GraphBuilder> after) => new(name, Model(before), Model(after));

    private static OnnxModel Model(Action<GraphBuilder> write)
    {
        var g = new GraphBuilder();
        write(g);
        return new OnnxModel(g.ToModel(), "network");
    }
}
