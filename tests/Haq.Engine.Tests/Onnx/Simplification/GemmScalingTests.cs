using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx.Simplification;

public sealed class GemmScalingTests
{
    [Theory]
    [InlineData(0.5f, 1f)]
    [InlineData(1f, 0.25f)]
    [InlineData(2f, -1f)]
    public void Factors_become_part_of_weights_and_bias(float alpha, float beta)
    {
        var model = Scaled(alpha, beta);
        float[] x = TwoSessions.Normal(6, 32), before = TwoSessions.Plain(model, x);
        Assert.Equal(["gemm"], GemmScaling.Apply(model));
        Assert.Empty(model.Graph.Node[0].Attribute);
        // The factors are powers of two: nothing is rounded.
        Assert.Equal(before, TwoSessions.Plain(model, x));
        Assert.Empty(GemmScaling.Apply(model));
    }

    [Fact]
    public void Weights_that_others_read_stay()
    {
        var model = Scaled(0.5f, 1);
        model.Graph.Node.Add(OnnxNode.Of(OpNames.Identity, ["w"], ["copy"], "copy"));
        model.Graph.Output.Add(TinyModel.Value("copy", 8, 4));
        Assert.Empty(GemmScaling.Apply(model));
    }

    private static OnnxModel Scaled(float alpha, float beta) => TinyModel.Of(21, ("x", [4, 8]), [TensorData.Of("w", [8, 4], TwoSessions.Normal(1, 32)), TensorData.Of("b", [4], TwoSessions.Normal(2, 4))],
        OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["y"], "gemm").With("alpha", alpha).With("beta", beta));
}
