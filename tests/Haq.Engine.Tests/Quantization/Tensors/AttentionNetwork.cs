using Haq.Engine.Data;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Tests;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Tensors;

/// <summary>A block of a transformer as exporters of opset 13 spell it: masked attention, a residual stream, a normalization of means and deviations, GELU by Erf.</summary>
internal static class AttentionNetwork
{
    public const int Rows = 8, Width = 16;

    public static OnnxModel Model(float mask = -10_000)
    {
        var random = new SeededRandom(21);
        var graph = new GraphProto { Name = "attention" };
        graph.Input.Add(TinyModel.Value("x", -1, Rows, Width));
        graph.Output.Add(TinyModel.Value("y", -1, Rows, Width));
        graph.Initializer.Add([
            TensorData.Of("from", [1], [0L]), TensorData.Of("to", [1], [1L]), TensorData.Of("last", [1], [2L]), TensorData.Of("one", [1], [1f]), TensorData.Of("least", [1], [mask]),
            TensorData.Of("half", [1], [0.5f]), TensorData.Of("two", [1], [2f]), TensorData.Of("root", [1], [1.4142135f]),
                TensorData.Of("epsilon", [1], [1e-5f]), TensorData.Of("scale", [1], [0.5f])]);
        // Rows whose first number is negative are masked out.
        Node(graph, "Slice", ["x", "from", "to", "last"], "first");
        Node(graph, OpNames.Sign, ["first"], "signs");
        Node(graph, OpNames.Relu, ["signs"], "kept");
        Node(graph, OpNames.Sub, ["one", "kept"], "dropped");
        Node(graph, OpNames.Mul, ["dropped", "least"], "column");
        graph.Node.Add(OnnxNode.Of(OpNames.Transpose, ["column"], ["mask"], "mask_row").With("perm", [0L, 2L, 1L]));
        foreach (string part in (string[])["query", "key", "value"]) Dense(graph, random, part, "x", part, Width, Width);
        graph.Node.Add(OnnxNode.Of(OpNames.Transpose, ["key"], ["key_t"], "key_turned").With("perm", [0L, 2L, 1L]));
        Node(graph, OpNames.MatMul, ["query", "key_t"], "products");
        Node(graph, OpNames.Mul, ["products", "scale"], "scores");
        Node(graph, OpNames.Add, ["scores", "mask"], "masked");
        graph.Node.Add(OnnxNode.Of(OpNames.Softmax, ["masked"], ["shares"], "softmax").With("axis", -1L));
        Node(graph, OpNames.MatMul, ["shares", "value"], "mixed");
        Dense(graph, random, "out", "mixed", "attended", Width, Width);
        Node(graph, OpNames.Add, ["attended", "x"], "stream");
        graph.Node.Add(OnnxNode.Of(OpNames.ReduceMean, ["stream"], ["mean"], "mean").With("axes", [-1L]));
        Node(graph, OpNames.Sub, ["stream", "mean"], "centred");
        Node(graph, OpNames.Pow, ["centred", "two"], "squares");
        graph.Node.Add(OnnxNode.Of(OpNames.ReduceMean, ["squares"], ["variance"], "variance").With("axes", [-1L]));
        Node(graph, OpNames.Add, ["variance", "epsilon"], "safe");
        Node(graph, OpNames.Sqrt, ["safe"], "deviation");
        Node(graph, OpNames.Div, ["centred", "deviation"], "normal");
        Dense(graph, random, "up", "normal", "wide", Width, 2 * Width);
        Node(graph, OpNames.Div, ["wide", "root"], "scaled");
        Node(graph, OpNames.Erf, ["scaled"], "erf");
        Node(graph, OpNames.Add, ["erf", "one"], "raised");
        Node(graph, OpNames.Mul, ["wide", "raised"], "doubled");
        Node(graph, OpNames.Mul, ["doubled", "half"], "gelu");
        Dense(graph, random, "down", "gelu", "narrow", 2 * Width, Width);
        Node(graph, OpNames.Add, ["narrow", "normal"], "y");
        var proto = new ModelProto { IrVersion = 8, ProducerName = "tests", Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 13 } } };
        return new OnnxModel(proto, "attention.onnx");
    }

    public static float[] Samples(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        float[] values = new float[count * Rows * Width];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal();
        // The first row is never masked: a softmax of nothing but masks says nothing.
        for (int s = 0; s < count; s++) values[s * Rows * Width] = 1;
        return values;
    }

    public static IDataset Data(int count, ulong seed = 5) => new ArrayDataset("x", [Rows, Width], Samples(count, seed));

    public static PostTrainingQuantizer Quantizer(float mask = -10_000)
    {
        var model = QuantizableModel.Prepare(Model(mask), new PreparationOptions { Between = BetweenLayers.Tensors });
        using var data = Data(48);
        return new PostTrainingQuantizer(model, new Calibrator(model).Run(data));
    }

    private static void Dense(GraphProto graph, SeededRandom random, string name, string from, string to, int inputs, int outputs)
    {
        float[] values = new float[inputs * outputs];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(random.NextNormal() / Math.Sqrt(inputs));
        graph.Initializer.Add(TensorData.Of($"{name}.weight", [inputs, outputs], values));
        graph.Node.Add(OnnxNode.Of(OpNames.MatMul, [from, $"{name}.weight"], [to], $"{name}.MatMul"));
    }

    private static void Node(GraphProto graph, string op, string[] from, string to) => graph.Node.Add(OnnxNode.Of(op, from, [to], $"{to}.{op}"));
}
