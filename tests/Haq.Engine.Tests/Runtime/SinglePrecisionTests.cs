using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

public sealed class SinglePrecisionTests
{
    [Theory]
    [InlineData(DataType.Float16)]
    [InlineData(DataType.Double)]
    [InlineData(DataType.Bfloat16)]
    public void A_network_of_another_precision_computes_in_32_bits_between_casts(DataType type)
    {
        var prepared = QuantizableModel.Prepare(Network(type));
        Assert.Equal(DataType.Float, TensorData.TypeOf(prepared.View.ConstantOf(prepared.Layers[0].Weight)!));
        Assert.Equal(2, prepared.Layers.Length);
        using var session = new OrtSession(prepared.Float);
        Assert.Equal(("x", type), (session.Inputs[0].Name, session.Inputs[0].Type));
        Assert.Equal([("kept", type), ("y", type)], session.Outputs.Select(o => (o.Name, o.Type)));
        Assert.All(prepared.Float.Graph.Node.Where(n => n.Is(OpNames.MatMul)), n => Assert.Equal(DataType.Float, prepared.Shapes[n.Output[0]].Type));
    }

    [Fact]
    public void The_result_is_that_of_the_network_as_it_was()
    {
        var model = Network(DataType.Double);
        double[] x = [.. Enumerable.Range(0, 8).Select(i => Math.Cos(i))];
        double[] expected = Run(model, x), actual = Run(QuantizableModel.Prepare(model).Float, x);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    [Fact]
    public void A_network_of_32_bits_keeps_its_doubles()
    {
        var model = TinyModel.Of(
            13, ("x", [1, 4]), [TensorData.Of("w", [4, 2], new float[8]), TensorData.Of("far", DataType.Double, [], [1.0])],
            OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["p"]), OnnxNode.Of(OpNames.Cast, ["p"], ["wide"]).With("to", (long)DataType.Double), OnnxNode.Of(OpNames.Add, ["wide", "far"], ["sum"]),
            OnnxNode.Of(OpNames.Cast, ["sum"], ["y"]).With("to", (long)DataType.Float));
        Assert.Equal(DataType.Double, QuantizableModel.Prepare(model).Shapes["sum"].Type);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Weights_that_are_no_finite_numbers_are_refused(float bad)
    {
        var model = TinyModel.Of(13, ("x", [1, 4]), [TensorData.Of("w", [4, 2], [1, 2, bad, 4, 5, bad, 7, 8])], OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["y"], "head"));
        var refused = Assert.Throws<HaqException>(() => QuantizableModel.Prepare(model)).Diagnostic;
        Assert.Equal("HAQ0401", refused.Descriptor.Code);
        Assert.Contains("the weights of 'head' hold 2 values", refused.Message, StringComparison.Ordinal);
    }

    // x -> product -> (kept) -> If that reads the input and the product -> product -> y, all of one type.
    private static OnnxModel Network(DataType type)
    {
        var then = new GraphProto { Name = "then" };
        then.Node.Add(OnnxNode.Of(OpNames.Add, ["x", "kept"], ["t"]));
        then.Output.Add(Of("t", type));
        var other = new GraphProto { Name = "else" };
        other.Node.Add(OnnxNode.Of(OpNames.Identity, ["kept"], ["e"]));
        other.Output.Add(Of("e", type));
        var branch = OnnxNode.Of(OpNames.If, ["yes"], ["b"], "branch");
        branch.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = then });
        branch.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = other });
        double[] w = [.. Enumerable.Range(0, 64).Select(i => Math.Sin(i) / 3)];
        var graph = new GraphProto { Name = "precise" };
        graph.Input.Add(Of("x", type));
        graph.Initializer.Add([TensorData.Of("w", type, [8, 8], w), TensorData.Of("v", type, [8, 8], w), TensorData.Of("yes", DataType.Bool, [], [1L])]);
        graph.Node.Add([OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["kept"], "first"), branch, OnnxNode.Of(OpNames.MatMul, ["b", "v"], ["y"], "second")]);
        graph.Output.Add([Of("kept", type), Of("y", type)]);
        var proto = new ModelProto { IrVersion = 8, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = 16 });
        return new OnnxModel(proto, "precise.onnx");
    }

    private static ValueInfoProto Of(string name, DataType type)
    {
        var info = TinyModel.Value(name, 1, 8);
        info.Type.TensorType.ElemType = (int)type;
        return info;
    }

    private static double[] Run(OnnxModel model, double[] x)
    {
        using var session = new OrtSession(model);
        using var input = OrtTensor.Of<double>(x, 1, 8);
        using var output = session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, ["y"])[0];
        return output.Values<double>().ToArray();
    }
}
