using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Quantization.Export;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>
/// What ONNX Runtime 1.31.1 rewrites around QuantizeLinear and DequantizeLinear so that results change, without a word. Where one of these fails after an update, what the engine does about it
/// may go.
/// </summary>
public sealed class OrtRewritingTests
{
    [Theory]
    [InlineData(OpNames.Conv)]
    [InlineData(OpNames.ConvTranspose)]
    [InlineData(OpNames.Gemm)]
    [InlineData(OpNames.MatMul)]
    public void Real_weights_between_pairs_are_quantized(string op) => Assert.InRange(TwoSessions.Agreement(PairNetworks.Real(op)), -30, 30);

    [Fact]
    public void A_real_bias_is_quantized_without_saturation()
    {
        Assert.True(TwoSessions.Agreement(PairNetworks.Quantized(1.5f, 0.2f)) > 100);
        Assert.InRange(TwoSessions.Agreement(PairNetworks.Quantized(3e6f, 5e4f)), -30, 10);
    }

    [Fact]
    public void Two_pairs_in_a_row_are_merged_onto_a_third_grid()
    {
        Assert.Equal(double.PositiveInfinity, TwoSessions.Agreement(PairNetworks.TwoPairs(0.03f)));
        Assert.InRange(TwoSessions.Agreement(PairNetworks.TwoPairs(0.047f)), 20, 50);
    }

    [Fact]
    public void The_integer_softmax_takes_only_scales_whose_inverse_is_an_integer()
    {
        Assert.True(TwoSessions.Agreement(PairNetworks.Softmax(1 / 256f)) > 60);
        Assert.InRange(TwoSessions.Agreement(PairNetworks.Softmax(0.0045f)), 20, 50);
        // Of 1/221 as well, where the inverse of the nearest 32-bit real is below 221.
        Assert.InRange(TwoSessions.Agreement(PairNetworks.Softmax(1 / 221f)), 20, 50);
        Assert.True(TwoSessions.Agreement(PairNetworks.Softmax(MathF.BitDecrement(1 / 221f))) > 60);
    }

    [Fact]
    public void Two_bit_weights_run_beside_real_activations_only()
    {
        Assert.True(TwoSessions.Agreement(PairNetworks.TwoBits(pairs: false)) > 100);
        var refused = Assert.Throws<HaqException>(() => new OrtSession(PairNetworks.TwoBits(pairs: true)));
        Assert.Contains("int2", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1f, true, true)]
    [InlineData(0.5f, true, true)] // the scale of an integer product takes alpha in
    [InlineData(1f, false, false)] // its weights are dequantized in every run
    public void A_dense_layer_is_fused_where_its_weights_have_a_written_zero_point(float alpha, bool writesZero, bool fused)
    {
        var model = PairNetworks.Scaled(alpha, writesZero);
        Assert.Equal(fused, TwoSessions.Operators(model).Contains("QGemm"));
        Assert.True(TwoSessions.Agreement(model) > 45);
    }

    [Theory]
    [InlineData(1f, true)]
    [InlineData(1.5f, false)]
    public void A_convolution_is_fused_where_its_bias_has_the_scale_of_its_sums(float off, bool fused)
    {
        var model = PairNetworks.Biased(off);
        Assert.Equal(fused, TwoSessions.Operators(model).Contains("QLinearConv"));
        Assert.True(TwoSessions.Agreement(model) > 45);
    }

    [Theory]
    [InlineData("nearest", 1)]
    [InlineData("linear", 2)]
    public void A_resize_stays_in_integers_where_it_repeats_values(string mode, int quantizes)
    {
        var model = PairNetworks.Resized(mode);
        Assert.Equal(quantizes, TwoSessions.Operators(model).Count(op => op == OpNames.QuantizeLinear));
        Assert.True(TwoSessions.Agreement(model) > 45);
    }

    [Fact]
    public void A_table_in_blocks_is_dequantized_as_a_whole_unless_it_is_written_as_its_own_operator()
    {
        const int Rows = 64, Width = 64, Block = 32;
        TensorProto[] constants =
        [
            TensorData.Of("table", DataType.Uint4, [Rows, Width], [.. Enumerable.Range(0, Rows * Width).Select(i => (long)(i * 7 % 16))]),
            TensorData.Of("scales", [Rows, Width / Block], Enumerable.Repeat(0.1f, Rows * Width / Block).ToArray()),
            TensorData.Of("zeros", DataType.Uint4, [Rows, Width / Block], [.. Enumerable.Repeat(8L, Rows * Width / Block)]),
        ];
        var model = TinyModel.Of(21, ("x", [4]), constants, OnnxNode.Of(OpNames.Cast, ["x"], ["rows"], "rows").With("to", (long)DataType.Int64),
            OnnxNode.Of(OpNames.DequantizeLinear, ["table", "scales", "zeros"], ["real"], "real").With("axis", 1L).With("block_size", (long)Block),
            OnnxNode.Of(OpNames.Gather, ["real", "rows"], ["y"], "look up"));
        Assert.DoesNotContain("GatherBlockQuantized", TwoSessions.Operators(model));
    }

    [Fact]
    public void A_gate_behind_a_convolution_keeps_it_real_and_its_weights_are_dequantized_in_every_run()
    {
        NodeProto[] silu = [OnnxNode.Of(OpNames.Sigmoid, ["c"], ["s"], "sigmoid"), OnnxNode.Of(OpNames.Mul, ["c", "s"], ["a"], "gate")];
        string[] operators = TwoSessions.Operators(PairNetworks.Quantized(null, 0.2f, silu));
        Assert.Contains("Conv", operators);
        Assert.Equal(3, operators.Count(op => op == OpNames.DequantizeLinear));
    }

    [Theory]
    [InlineData(254.4f, false)]
    [InlineData(254.6f, true)]
    [InlineData(255f, true)]
    public void A_clip_behind_a_product_is_dropped_where_it_changes_no_integer(float top, bool fused)
    {
        string[] operators = TwoSessions.Operators(ClippedProduct.Of(6 / top));
        Assert.Equal(fused, operators.Contains("QLinearMatMul"));
        Assert.Equal(!fused, operators.Contains(OpNames.Clip));
    }
}
