using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Export;

/// <summary>Layers that are real stay real in a default session, and change no number for it.</summary>
public sealed class RealLayersTests
{
    private static readonly Dictionary<string, long[]> s_nothing = [];

    [Theory]
    [InlineData(OpNames.Conv)]
    [InlineData(OpNames.ConvTranspose)]
    [InlineData(OpNames.Gemm)]
    [InlineData(OpNames.MatMul)]
    public void Real_weights_stay_what_they_are(string op)
    {
        var model = PairNetworks.Real(op);
        float[] before = Run(model);
        RealLayers.Apply(model, s_nothing);
        Assert.Equal(before, Run(model));
        Assert.True(TwoSessions.Agreement(model) > 100);
        // It costs no operator where the kernel takes an activation in; a transposed convolution's does not.
        Assert.Equal(op == OpNames.ConvTranspose ? 1 : 0, TwoSessions.Operators(model).Count(o => o == OpNames.LeakyRelu));
        Assert.Equal("c", model.Graph.Node.Single(n => n.Is(OpNames.LeakyRelu)).Output[0]);
    }

    [Fact]
    public void A_bias_beyond_32_bits_stays_real_and_its_layers_weights_are_dequantized_once()
    {
        var model = PairNetworks.Quantized(3e6f, 5e4f);
        float[] before = Run(model);
        RealLayers.Apply(model, s_nothing);
        Assert.Equal(before, Run(model));
        Assert.True(TwoSessions.Agreement(model) > 100);
        Assert.Equal(2, TwoSessions.Operators(model).Count(op => op == OpNames.DequantizeLinear));
    }

    [Fact]
    public void What_is_quantized_in_earnest_is_left_alone()
    {
        var model = PairNetworks.Quantized(1.5f, 0.2f);
        string digest = model.Digest();
        RealLayers.Apply(model, s_nothing);
        Assert.Equal(digest, model.Digest());
        Assert.Contains("QLinearConv", TwoSessions.Operators(model));
    }

    [Theory]
    [InlineData(DataType.Int8, 0)]
    [InlineData(DataType.Uint8, 128)]
    public void Weights_that_no_integer_kernel_takes_are_dequantized_once(DataType type, long zero)
    {
        NodeProto[] silu = [OnnxNode.Of(OpNames.Sigmoid, ["c"], ["s"], "sigmoid"), OnnxNode.Of(OpNames.Mul, ["c", "s"], ["a"], "gate")];
        var model = PairNetworks.Quantized(null, 0.2f, silu);
        if (type == DataType.Uint8)
        {
            var view = new GraphView(model);
            long[] shifted = [.. view.Longs("wq")!.Select(w => w + zero)];
            new GraphPatch(model, "shift").Put(TensorData.Of("wq", type, [8, 8, 3, 3], shifted)).Put(TensorData.Of("wz", type, [8], [.. Enumerable.Repeat(zero, 8)])).Apply();
        }
        float[] before = Run(model);
        UnfusedWeights.Fold(model);
        Assert.Equal(before, Run(model));
        Assert.Equal(2, TwoSessions.Operators(model).Count(op => op == OpNames.DequantizeLinear));
        Assert.Contains(model.Graph.Initializer, t => TensorData.TypeOf(t) == type && TensorData.Count(t) == 576);
        // Nothing is left to do, and layers that are fused keep their DequantizeLinear.
        string digest = model.Digest();
        UnfusedWeights.Fold(model);
        Assert.Equal(digest, model.Digest());
        var fused = PairNetworks.Quantized(1.5f, 0.2f);
        digest = fused.Digest();
        UnfusedWeights.Fold(fused);
        Assert.Equal(digest, fused.Digest());
    }

    private static float[] Run(OnnxModel model) => TwoSessions.Plain(model, TwoSessions.Normal(7, (int)model.Graph.Input[0].Type.TensorType.Shape.Dim.Aggregate(1L, (count, d) => count * d.DimValue)));
}
