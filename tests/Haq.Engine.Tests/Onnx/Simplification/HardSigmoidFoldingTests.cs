using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx.Simplification;

/// <summary>Gates that are spelled out, in the orders that exporters write them in, against the operators they become.</summary>
public sealed class HardSigmoidFoldingTests
{
    [Theory]
    [InlineData("x*clip/6")]
    [InlineData("clip/6*x")]
    [InlineData("clip*x*0.1666")]
    [InlineData("clip*0.1666*x")]
    [InlineData("clip/6")]
    public void Spelled_out_gates_become_one_operator_and_compute_the_same(string form)
    {
        var model = Gate(form, 3, 6, 6);
        float[] x = TwoSessions.Normal(4, 128, 3), before = TwoSessions.Plain(model, x);
        Assert.Equal(["clip"], HardSigmoidFolding.Apply(model));
        Assert.Equal(form == "clip/6" ? [OpNames.HardSigmoid] : [OpNames.HardSigmoid, OpNames.Mul], model.Graph.Node.Select(n => n.OpType));
        Assert.Equal("y", model.Graph.Output[0].Name);
        // Two roundings in place of three; values are up to 10.
        Assert.All(before.Zip(TwoSessions.Plain(model, x)), p => Assert.Equal(p.First, p.Second, 2e-6f));
        Assert.Contains(before, v => v == 0);
        Assert.Empty(HardSigmoidFolding.Apply(model));
    }

    [Fact]
    public void Other_widths_are_gates_too()
    {
        var model = Gate("clip/6", 1, 2, 2);
        float[] x = TwoSessions.Normal(4, 128), before = TwoSessions.Plain(model, x);
        Assert.Single(HardSigmoidFolding.Apply(model));
        Assert.All(before.Zip(TwoSessions.Plain(model, x)), p => Assert.Equal(p.First, p.Second, 1e-6f));
    }

    [Fact]
    public void What_only_looks_alike_stays()
    {
        Assert.Empty(HardSigmoidFolding.Apply(Gate("clip/6", 3, 6, 5)));
        var read = Gate("clip/6", 3, 6, 6);
        read.Graph.Output.Add(TinyModel.Value("c", 4, 32));
        Assert.Empty(HardSigmoidFolding.Apply(read));
        var twice = Gate("x*clip/6", 3, 6, 6);
        twice.Graph.Output.Add(TinyModel.Value("a", 4, 32));
        Assert.Empty(HardSigmoidFolding.Apply(twice));
        var other = Gate("x*clip/6", 3, 6, 6);
        other.Graph.Node.Single(n => n.Is(OpNames.Mul)).Input[0] = "a";
        Assert.Empty(HardSigmoidFolding.Apply(other));
    }

    private static OnnxModel Gate(string form, float shift, float width, float divisor)
    {
        TensorProto[] constants = [TensorData.Of("shift", [], [shift]), TensorData.Scalar("low", 0f), TensorData.Scalar("high", width),
            TensorData.Of("k", [1], [divisor]), TensorData.Of("r", [], [1 / divisor])];
        NodeProto[] start = [OnnxNode.Of(OpNames.Add, ["shift", "x"], ["a"], "add"), OnnxNode.Of(OpNames.Clip, ["a", "low", "high"], ["c"], "clip")];
        NodeProto Node(string op, string left, string right, string output) => OnnxNode.Of(op, [left, right], [output], output);
        NodeProto[] end = form switch
        {
            "x*clip/6" => [Node(OpNames.Mul, "x", "c", "m"), Node(OpNames.Div, "m", "k", "y")],
            "clip/6*x" => [Node(OpNames.Div, "c", "k", "m"), Node(OpNames.Mul, "m", "x", "y")],
            "clip*x*0.1666" => [Node(OpNames.Mul, "c", "x", "m"), Node(OpNames.Mul, "r", "m", "y")],
            "clip*0.1666*x" => [Node(OpNames.Mul, "c", "r", "m"), Node(OpNames.Mul, "x", "m", "y")],
            _ => [Node(OpNames.Div, "c", "k", "y")],
        };
        return TinyModel.Of(21, ("x", [4, 32]), constants, [.. start, .. end]);
    }
}
