using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Export;

/// <summary>Networks of a few layers with what real ones have between them, as their exporters write it.</summary>
internal static class SmallNetworks
{
    /// <summary>Two residual blocks' worth: sums, a concatenation, an average, a dense layer.</summary>
    public static OnnxModel Residual()
    {
        var random = new SeededRandom(3);
        var graph = new GraphProto { Name = "residual" };
        graph.Input.Add(Value("x", 3, 8, 8));
        graph.Output.Add(Value("y", 5));
        Conv(graph, random, "stem", "x", "a0", 8, 3);
        Add(graph, OpNames.Relu, ["a0"], "a");
        Conv(graph, random, "left", "a", "b", 8, 8);
        Add(graph, OpNames.Add, ["b", "a"], "c0");
        Add(graph, OpNames.Relu, ["c0"], "c");
        Conv(graph, random, "right", "c", "d0", 4, 8);
        Add(graph, OpNames.Relu, ["d0"], "d");
        graph.Node.Add(OnnxNode.Of(OpNames.Concat, ["c", "d"], ["e"], "join").With("axis", 1));
        Add(graph, OpNames.GlobalAveragePool, ["e"], "f");
        Add(graph, OpNames.Flatten, ["f"], "g");
        graph.Initializer.Add(Weights(random, "head.weight", 5, 12));
        graph.Initializer.Add(Weights(random, "head.bias", 5));
        graph.Node.Add(OnnxNode.Of(OpNames.Gemm, ["g", "head.weight", "head.bias"], ["y"], "head").With("transB", 1));
        return Of(graph, 13);
    }

    /// <summary>A lookup, a product with one matrix and products with a stack of them.</summary>
    public static OnnxModel Tokens(int width = 64)
    {
        var random = new SeededRandom(4);
        var graph = new GraphProto { Name = "tokens" };
        graph.Input.Add(Value("tokens", DataType.Int64, 6));
        graph.Output.Add(Value("y", 2, 6, 8));
        graph.Initializer.Add(Weights(random, "table", 40, width));
        graph.Node.Add(OnnxNode.Of(OpNames.Gather, ["table", "tokens"], ["looked_up"], "embed"));
        Add(graph, OpNames.Tanh, ["looked_up"], "rows");
        graph.Initializer.Add(Weights(random, "dense.weight", width, 32));
        graph.Node.Add(OnnxNode.Of(OpNames.MatMul, ["rows", "dense.weight"], ["h"], "dense"));
        Add(graph, OpNames.Relu, ["h"], "r");
        graph.Initializer.Add(TensorData.Of("axes", [1], [1L]));
        graph.Node.Add(OnnxNode.Of(OpNames.Unsqueeze, ["r", "axes"], ["u"], "spread"));
        graph.Initializer.Add(Weights(random, "experts.weight", 2, 32, 8));
        graph.Node.Add(OnnxNode.Of(OpNames.MatMul, ["u", "experts.weight"], ["y"], "experts"));
        return Of(graph, 13);
    }

    /// <summary>Rows of a sample of <see cref="Products"/>.</summary>
    public const int ProductRows = 5;

    /// <summary>Two products of one tensor with biases, their sum through a Gelu, and a third.</summary>
    public static OnnxModel Products()
    {
        var random = new SeededRandom(6);
        var graph = new GraphProto { Name = "products" };
        graph.Input.Add(Value("x", ProductRows, 64));
        graph.Output.Add(Value("y", ProductRows, 8));
        foreach (var (name, from, to, rows, columns) in new[] { ("query", "x", "q", 64, 32), ("key", "x", "k", 64, 64), ("last", "h", "y", 64, 8) })
        {
            graph.Initializer.Add(Weights(random, $"{name}.weight", rows, columns));
            graph.Initializer.Add(Weights(random, $"{name}.bias", columns));
            graph.Node.Add(OnnxNode.Of(OpNames.MatMul, [from, $"{name}.weight"], [$"{to}.product"], name));
            Add(graph, OpNames.Add, [$"{to}.product", $"{name}.bias"], to);
            if (name == "query") graph.Node.Add(OnnxNode.Of(OpNames.Concat, ["q", "q"], ["qq"], "double").With("axis", -1));
            if (name != "key") continue;
            Add(graph, OpNames.Mul, ["qq", "k"], "m");
            Add(graph, OpNames.Tanh, ["m"], "h");
        }
        return Of(graph, 13);
    }

    private static void Conv(GraphProto graph, SeededRandom random, string name, string from, string to, int outputs, int inputs)
    {
        graph.Initializer.Add(Weights(random, $"{name}.weight", outputs, inputs, 3, 3));
        graph.Initializer.Add(Weights(random, $"{name}.bias", outputs));
        graph.Node.Add(OnnxNode.Of(OpNames.Conv, [from, $"{name}.weight", $"{name}.bias"], [to], name).With("pads", [1L, 1L, 1L, 1L]));
    }

    private static void Add(GraphProto graph, string op, string[] from, string to) => graph.Node.Add(OnnxNode.Of(op, from, [to], $"{op}_{to}"));

    private static TensorProto Weights(SeededRandom random, string name, params long[] dims)
    {
        long inputs = dims.Length == 1 ? 10 : dims.Aggregate(1L, (a, b) => a * b) / dims[dims.Length == 2 ? 1 : 0];
        float[] values = new float[dims.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(random.NextNormal() / Math.Sqrt(inputs));
        return TensorData.Of(name, dims, values);
    }

    private static ValueInfoProto Value(string name, params long[] sample) => Value(name, DataType.Float, sample);

    private static ValueInfoProto Value(string name, DataType type, params long[] sample)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "n" });
        foreach (long extent in sample) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private static OnnxModel Of(GraphProto graph, int opset)
    {
        var proto = new ModelProto { IrVersion = 8, ProducerName = "tests", Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } } };
        proto.MetadataProps.Add(new StringStringEntryProto { Key = "author", Value = "somebody" });
        return new OnnxModel(proto, graph.Name);
    }
}
