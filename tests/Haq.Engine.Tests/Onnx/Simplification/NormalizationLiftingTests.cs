using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx.Simplification;

/// <summary>Batch normalization behind concatenations and poolings against the same network with it in the convolutions.</summary>
public sealed class NormalizationLiftingTests
{
    [Theory]
    [InlineData("concat")]
    [InlineData("average")]
    [InlineData("global average")]
    [InlineData("max")]
    [InlineData("padded max")]
    [InlineData("max of concat")]
    public void It_becomes_part_of_the_convolutions_and_the_outputs_stay(string between)
    {
        var model = Network(between, positive: true);
        float[] before = Run(model);
        Assert.Equal(["norm"], NormalizationLifting.Apply(model));
        Near(before, Run(model));
        BatchNormFolding.Apply(model);
        Assert.DoesNotContain(model.Graph.Node, n => n.Is(OpNames.BatchNormalization));
        Near(before, Run(model));
    }

    [Theory]
    [InlineData("max", false)]
    [InlineData("average with padding", true)]
    [InlineData("read twice", true)]
    [InlineData("other axis", true)]
    public void Where_the_order_matters_or_others_read_it_stays(string between, bool positive)
    {
        var model = Network(between, positive);
        byte[] bytes = model.ToBytes();
        Assert.Empty(NormalizationLifting.Apply(model));
        Assert.Equal(bytes, model.ToBytes());
    }

    private static OnnxModel Network(string between, bool positive)
    {
        var random = new SeededRandom(12);
        float[] Some(int count, bool above = false) => [.. Enumerable.Range(0, count).Select(_ => above ? 0.2f + (float)random.NextDouble() : (float)random.NextNormal())];
        bool joins = between is "concat" or "max of concat" or "read twice" or "other axis";
        int channels = joins && between != "other axis" ? 10 : 6;
        var constants = new List<TensorProto>
        {
            TensorData.Of("w0", [6, 3, 3, 3], Some(162)), TensorData.Of("b0", [6], Some(6)), TensorData.Of("w1", [between == "other axis" ? 6 : 4, 3, 3, 3], Some(between == "other axis" ? 162 : 108)),
            TensorData.Of("gamma", [channels], Some(channels, positive)), TensorData.Of("beta", [channels], Some(channels)),
                TensorData.Of("mean", [channels], Some(channels)), TensorData.Of("variance", [channels], Some(channels, true)),
        };
        var nodes = new List<NodeProto> { OnnxNode.Of(OpNames.Conv, ["x", "w0", "b0"], ["c0"], "first").With("pads", [1L, 1L, 1L, 1L]) };
        if (joins)
        {
            nodes.Add(OnnxNode.Of(OpNames.Conv, ["x", "w1"], ["c1"], "second").With("pads", [1L, 1L, 1L, 1L]));
            nodes.Add(OnnxNode.Of(OpNames.Concat, ["c0", "c1"], [between == "max of concat" ? "j" : "p"], "join").With("axis", between == "other axis" ? 2 : 1));
        }
        NodeProto Pool(string op, string input, params long[] pads) =>
            OnnxNode.Of(op, [input], ["p"], "pool").With("kernel_shape", [2L, 2L]).With("strides", [2L, 2L]).With("pads", pads.Length > 0 ? pads : [0L, 0L, 0L, 0L]);
        if (between == "average") nodes.Add(Pool(OpNames.AveragePool, "c0"));
        if (between == "average with padding") nodes.Add(Pool(OpNames.AveragePool, "c0", 1, 1, 1, 1).With("count_include_pad", 1));
        if (between == "global average") nodes.Add(OnnxNode.Of(OpNames.GlobalAveragePool, ["c0"], ["p"], "pool"));
        if (between == "max") nodes.Add(Pool(OpNames.MaxPool, "c0"));
        if (between == "padded max") nodes.Add(Pool(OpNames.MaxPool, "c0", 1, 1, 1, 1));
        if (between == "max of concat") nodes.Add(Pool(OpNames.MaxPool, "j"));
        nodes.Add(OnnxNode.Of(OpNames.BatchNormalization, ["p", "gamma", "beta", "mean", "variance"], ["n"], "norm").With("epsilon", 1e-3f));
        nodes.Add(OnnxNode.Of(OpNames.Relu, ["n"], ["y"], "relu"));
        var graph = new GraphProto { Name = "normalized" };
        graph.Node.Add(nodes);
        graph.Initializer.Add(constants);
        graph.Input.Add(TinyModel.Value("x", 1, 3, 8, 8));
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        if (between == "read twice") graph.Output.Add(new ValueInfoProto { Name = "c1", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        return new OnnxModel(new ModelProto { IrVersion = 10, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } }, "normalized.onnx");
    }

    private static float[] Run(OnnxModel model)
    {
        using var session = new OrtSession(model, new SessionSettings { Threads = 1 });
        using var input = OrtTensor.Of<float>([.. Enumerable.Range(0, 192).Select(i => MathF.Sin(i * 0.7f))], 1, 3, 8, 8);
        return session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, ["y"])[0].ToFloats();
    }

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Contains(expected, v => v > 0);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }
}
