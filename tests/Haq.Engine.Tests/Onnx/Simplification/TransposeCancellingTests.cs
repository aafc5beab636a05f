using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx.Simplification;

public sealed class TransposeCancellingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Tanh")]
    [InlineData("Relu Sigmoid Neg")]
    public void Two_that_undo_each_other_go_and_the_outputs_stay(string between)
    {
        var model = Network([0, 2, 3, 1], between, [0, 3, 1, 2]);
        model.Graph.ValueInfo.Add(model.Graph.Node.Skip(1).SkipLast(2).Select(n => TinyModel.Value(n.Output[0], 2, 4, 5, 3)));
        float[] x = TwoSessions.Normal(6, 120), before = TwoSessions.Plain(model, x);
        Assert.Equal(["back"], TransposeCancelling.Apply(model));
        Assert.DoesNotContain(model.Graph.Node, n => n.Is(OpNames.Transpose));
        Assert.DoesNotContain(model.Graph.ValueInfo, v => model.Graph.Node.Any(n => n.Output.Contains(v.Name)));
        Assert.Equal(before, TwoSessions.Plain(model, x));
    }

    [Theory]
    [InlineData(new long[] { 0, 2, 3, 1 }, "Tanh", new long[] { 0, 2, 3, 1 })]
    [InlineData(new long[] { 0, 2, 3, 1 }, "Softmax", new long[] { 0, 3, 1, 2 })]
    public void Others_stay(long[] order, string between, long[] back)
    {
        var model = Network(order, between, back);
        byte[] bytes = model.ToBytes();
        Assert.Empty(TransposeCancelling.Apply(model));
        Assert.Equal(bytes, model.ToBytes());
    }

    [Fact]
    public void What_somebody_else_reads_stays()
    {
        var model = Network([0, 2, 3, 1], "Tanh", [0, 3, 1, 2]);
        model.Graph.Output.Add(TinyModel.Value("t", 1, 4, 5, 3));
        Assert.Empty(TransposeCancelling.Apply(model));
    }

    private static OnnxModel Network(long[] order, string between, long[] back)
    {
        var nodes = new List<NodeProto> { OnnxNode.Of(OpNames.Abs, ["x"], ["a"], "first"), OnnxNode.Of(OpNames.Transpose, ["a"], ["t"], "there").With("perm", order) };
        string at = "t";
        foreach (string op in between.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            nodes.Add(OnnxNode.Of(op, [at], [$"{at}.{op}"], op));
            at = $"{at}.{op}";
        }
        nodes.Add(OnnxNode.Of(OpNames.Transpose, [at], ["b"], "back").With("perm", back));
        nodes.Add(OnnxNode.Of(OpNames.Relu, ["b"], ["y"], "last"));
        return TinyModel.Of(21, ("x", [2, 3, 4, 5]), [], [.. nodes]);
    }
}
