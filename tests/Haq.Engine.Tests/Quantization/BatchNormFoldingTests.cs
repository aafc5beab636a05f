using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Quantization;

public sealed class BatchNormFoldingTests
{
    private static readonly SeededRandom s_random = new(21);

    private static float[] Values(string name, int count, double low = -1, double high = 1)
    {
        var random = s_random.Fork(name);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(low + (high - low) * random.NextDouble()))];
    }

    private static OnnxModel Model(long[] input, Action<GraphProto> build)
    {
        var graph = new GraphProto { Name = "test" };
        graph.Input.Add(Typed("x", input));
        build(graph);
        graph.Output.Add(Typed("y", null));
        return new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "test.onnx");
    }

    private static ValueInfoProto Typed(string name, long[]? shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float };
        if (shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (long extent in shape) tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static void Constant(GraphProto graph, string name, long[] dims, double low = -1, double high = 1) =>
        graph.Initializer.Add(TensorData.Of(name, dims, Values(name, (int)dims.Aggregate(1L, (a, b) => a * b), low, high)));

    private static void BatchNorm(GraphProto graph, string input, string output, int channels)
    {
        Constant(graph, output + "_g", [channels], 0.5, 2);
        Constant(graph, output + "_b", [channels]);
        Constant(graph, output + "_m", [channels]);
        Constant(graph, output + "_v", [channels], 0.1, 3);
        graph.Node.Add(OnnxNode.Of(OpNames.BatchNormalization, [input, output + "_g", output + "_b", output + "_m", output + "_v"], [output]).With("epsilon", 1e-3f));
    }

    private static float[] Run(OnnxModel model, float[] x, long[] shape)
    {
        using var session = new OrtSession(model, new SessionSettings { Threads = 1 });
        using var input = OrtTensor.Of<float>(x, shape);
        var outputs = session.Run(new Dictionary<string, OrtTensor> { [session.Inputs[0].Name] = input });
        float[] y = outputs[0].ToFloats();
        foreach (var output in outputs) output.Dispose();
        return y;
    }

    private static void AssertFolds(OnnxModel model, long[] shape, int nodesLeft)
    {
        float[] x = Values("input", (int)shape.Aggregate(1L, (a, b) => a * b));
        float[] before = Run(model, x, shape);
        int nodes = model.Graph.Node.Count;
        var folded = BatchNormFolding.Apply(model);
        Assert.Equal(nodesLeft, model.Graph.Node.Count);
        Assert.Equal(nodes - nodesLeft, folded.Count);
        float[] after = Run(model, x, shape);
        float scale = before.Max(Math.Abs);
        // Sums of up to 72 products in another order.
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 1e-5f * scale);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(4, false)]
    public void Convolution_then_batch_normalization(int groups, bool bias)
    {
        var model = Model([2, 8, 6, 6], g =>
        {
            Constant(g, "w", [12, 8 / groups, 3, 3]);
            if (bias) Constant(g, "b", [12]);
            g.Node.Add(OnnxNode.Of(OpNames.Conv, bias ? ["x", "w", "b"] : ["x", "w"], ["c"]).With("group", groups));
            BatchNorm(g, "c", "n", 12);
            g.Node.Add(OnnxNode.Of(OpNames.Relu, ["n"], ["y"]));
        });
        AssertFolds(model, [2, 8, 6, 6], 2);
    }

    [Fact]
    public void A_transposed_convolution_in_groups()
    {
        var model = Model([1, 6, 5, 5], g =>
        {
            Constant(g, "w", [6, 4, 2, 2]);
            g.Node.Add(OnnxNode.Of(OpNames.ConvTranspose, ["x", "w"], ["c"]).With("group", 3).With("strides", [2L, 2L]));
            BatchNorm(g, "c", "y", 12);
        });
        AssertFolds(model, [1, 6, 5, 5], 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_fully_connected_layer(int transposed)
    {
        var model = Model([3, 10], g =>
        {
            Constant(g, "w", transposed == 1 ? [7, 10] : [10, 7]);
            Constant(g, "b", [7]);
            g.Node.Add(OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["c"]).With("transB", transposed));
            BatchNorm(g, "c", "n", 7);
            Constant(g, "s", [1, 7]);
            g.Node.Add(OnnxNode.Of(OpNames.Mul, ["s", "n"], ["y"]));
        });
        AssertFolds(model, [3, 10], 1);
    }

    [Fact]
    public void A_chain_of_scalings_and_shifts()
    {
        var model = Model([1, 4, 5, 5], g =>
        {
            Constant(g, "w", [6, 4, 1, 1]);
            Constant(g, "s", [6, 1, 1], 0.5, 2);
            Constant(g, "t", [1, 6, 1, 1]);
            Constant(g, "d", [1], 0.5, 2);
            g.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["c"]));
            g.Node.Add(OnnxNode.Of(OpNames.Mul, ["c", "s"], ["c1"]));
            g.Node.Add(OnnxNode.Of(OpNames.Sub, ["t", "c1"], ["c2"]));
            g.Node.Add(OnnxNode.Of(OpNames.Div, ["c2", "d"], ["c3"]));
            BatchNorm(g, "c3", "y", 6);
        });
        AssertFolds(model, [1, 4, 5, 5], 1);
    }

    [Fact]
    public void What_others_read_or_what_is_no_channel_constant_stays()
    {
        var model = Model([1, 4, 6, 6], g =>
        {
            Constant(g, "w", [6, 4, 1, 1]);
            Constant(g, "row", [6]); // broadcasts along the width, which is 6 too
            g.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["c"]));
            g.Node.Add(OnnxNode.Of(OpNames.Mul, ["c", "row"], ["c1"]));
            g.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["k"]));
            BatchNorm(g, "k", "n", 6);
            g.Node.Add(OnnxNode.Of(OpNames.Add, ["n", "k"], ["c2"]));
            g.Node.Add(OnnxNode.Of(OpNames.Add, ["c1", "c2"], ["y"]));
        });
        AssertFolds(model, [1, 4, 6, 6], 6);
    }

    [Fact]
    public void Weights_shared_with_another_layer_are_not_changed_there()
    {
        var model = Model([1, 4, 6, 6], g =>
        {
            Constant(g, "w", [4, 4, 1, 1]);
            g.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["c"]));
            BatchNorm(g, "c", "n", 4);
            g.Node.Add(OnnxNode.Of(OpNames.Conv, ["n", "w"], ["y"]));
        });
        AssertFolds(model, [1, 4, 6, 6], 2);
    }

    [Theory]
    [InlineData("zoo/torch12_ultraface_rfb320.onnx", 35, 3, 240, 320)]
    [InlineData("zoo/torch13_pfld.onnx", 42, 3, 112, 112)]
    public void Real_networks_lose_every_batch_normalization_behind_a_convolution(string file, int atLeast, params int[] sample)
    {
        var model = OnnxModel.Load(Shared.File(file));
        long[] shape = [1, .. sample.Select(e => (long)e)];
        float[] x = Values("image", sample.Aggregate(1, (a, b) => a * b));
        float[] before = Run(model, x, shape);
        var folded = BatchNormFolding.Apply(model);
        Assert.True(folded.Count >= atLeast - 2, $"{folded.Count} folded");
        float[] after = Run(model, x, shape);
        float scale = before.Max(Math.Abs);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 2e-4f * scale); // fifty layers deep
    }
}
