using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Weights;

/// <summary>Neighbouring products that x64 processors without VNNI add with saturation.</summary>
public sealed class PairSumsTests
{
    [Fact]
    public void The_limit_is_the_greatest_that_sixteen_bits_hold()
    {
        Assert.True(255 * PairSums.Most <= short.MaxValue && 255 * (PairSums.Most + 1) > short.MaxValue);
        Assert.True(2 * ((1 << PairSums.HarmlessActivations) - 1) * 127 <= short.MaxValue);
        Assert.True(2 * 255 * IntegerRange.Symmetric((Bitwidth)PairSums.HarmlessWeights).Max <= short.MaxValue);
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(3, 9)]
    [InlineData(4, 4)]
    public void The_worst_pair_is_found_along_the_kernel_then_the_channels(int channels, int places)
    {
        var random = new SeededRandom(7);
        short[] weights = [.. Enumerable.Range(0, channels * places).Select(_ => (short)(random.Next(255) - 127))];
        // Written out: the order in which a row of the unfolded image meets the weights.
        short[] row = [.. from place in Enumerable.Range(0, places) from channel in Enumerable.Range(0, channels) select weights[channel * places + place]];
        int expected = row.Chunk(2).Max(p => Math.Max(p.Where(w => w > 0).Sum(w => w), -p.Where(w => w < 0).Sum(w => w)));
        var pairs = new PairSums(channels, places);
        Assert.Equal(expected, pairs.Worst(weights));
        pairs.Trim(weights);
        Assert.InRange(pairs.Worst(weights), 1, PairSums.Most);
    }

    [Fact]
    public void Channels_that_fit_keep_their_scale_and_others_get_the_finest_that_fits()
    {
        var parts = new ChannelParts(new ChannelLayout(1, 2, 4), 1, Transposed: false);
        float[] weights = [1, 1, 0, 0, 1, -1, 0.4f, 0.1f];
        var plain = WeightQuantizer.Quantize(weights, parts.Layout, (Bitwidth)8, WeightRange.Max);
        var kept = PairLimit.Keep(new PairSums(4, 1), weights, plain, parts);
        Assert.Equal(plain.Scales[1], kept.Scales[1]);
        Assert.Equal([64, 64], kept.Values[..2].ToArray().Select(v => (int)v));
        Assert.Equal(plain.Values[4..].ToArray(), kept.Values[4..].ToArray());
        Assert.InRange(kept.Scales[0], 1f / 64.5f, 1f / 63.4f);
    }

    [Fact]
    public void Channels_that_are_rounded_again_together_get_what_each_gets_alone()
    {
        const int channels = 5, size = 12;
        var random = new SeededRandom(11);
        // From channels whose weights are all alike, every pair of which would saturate, to such as have one large weight, which fit.
        float[][] weights = [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, size).Select(i => i == 0 ? 1f : (1 - c / 4f) * (0.5f + (float)random.NextDouble() / 2)).ToArray())];
        var pairs = new PairSums(size, 1);
        var together = new RoundedChannels(channels, size);
        for (int c = 0; c < channels; c++)
        {
            weights[c].CopyTo(together.WeightsOf(c));
            together.Scales[c] = 1f / 127;
        }
        Round(together);
        int[] over = [.. Enumerable.Range(0, channels).Where(c => pairs.Worst(together.RoundedOf(c)) > PairSums.Most)];
        Assert.InRange(over.Length, 2, channels - 1);
        PairLimit.Keep(pairs, together, Round);
        for (int c = 0; c < channels; c++)
        {
            var alone = new RoundedChannels(1, size);
            weights[c].CopyTo(alone.WeightsOf(0));
            alone.Scales[0] = 1f / 127;
            Round(alone);
            PairLimit.Keep(pairs, alone, Round);
            Assert.Equal(alone.Scales[0], together.Scales[c]);
            Assert.Equal(alone.RoundedOf(0).ToArray(), together.RoundedOf(c).ToArray());
            Assert.InRange(pairs.Worst(together.RoundedOf(c)), 1, PairSums.Most);
        }

        static void Round(RoundedChannels rounded)
        {
            for (int c = 0; c < rounded.Count; c++)
                for (int i = 0; i < size; i++) rounded.RoundedOf(c)[i] = (short)Math.Clamp(MathF.Round(rounded.WeightsOf(c)[i] / rounded.Scales[c]), -127, 127);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_default_session_computes_what_is_written_whatever_the_processor(bool limited)
    {
        var model = QuantizableModel.Prepare(Extreme());
        using var data = new ArrayDataset("x", [16, 6, 6], [.. Inputs(32 * 16 * 36)]);
        var quantizer = new PostTrainingQuantizer(model, new Calibrator(model).Run(data), new WeightOptions { LimitPairs = limited });
        var exported = QdqExporter.Export(quantizer.Quantize(Policy.Uniform(model.Layers.Length, new LayerBits(8, 8))));
        var view = new GraphView(exported);
        var types = exported.Graph.Initializer.Where(t => t.Name.EndsWith(".quantized", StringComparison.Ordinal) && t.Dims.Count > 1).Select(t => (DataType)t.DataType).ToArray();
        Assert.Equal(2, types.Length);
        Assert.All(types, t => Assert.Equal(limited ? DataType.Int8 : DataType.Uint8, t));

        using var set = new EvaluationSet(model.Float, data);
        double written = set.Score(exported, ExactSessions.Settings).Loss, stock = set.Score(exported, SessionSettings.Default).Loss;
        Assert.InRange(written, 0, 1e-3);
        Assert.InRange(stock, 0, 1e-3);
    }

    // Sums of large weights of one sign and large inputs: every pair would saturate.
    private static OnnxModel Extreme()
    {
        var random = new SeededRandom(5);
        float[] Weights(int rows, int columns) => [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(0.9 + 0.1 * random.NextDouble()))];
        return TinyModel.Of(
            13, ("x", [-1, 16, 6, 6]),
            [TensorData.Of("w1", [8, 16, 1, 1], Weights(8, 16)), TensorData.Of("w2", [8, 8, 3, 3], Weights(8, 72)), TensorData.Of("b1", [8], new float[8]), TensorData.Of("b2", [8], new float[8])],
            OnnxNode.Of(OpNames.Conv, ["x", "w1", "b1"], ["a"], "first"), OnnxNode.Of(OpNames.Relu, ["a"], ["r"], "relu"), OnnxNode.Of(OpNames.Conv, ["r", "w2", "b2"], ["y"], "second"));
    }

    private static IEnumerable<float> Inputs(int count)
    {
        var random = new SeededRandom(6);
        for (int i = 0; i < count; i++) yield return (float)(0.5 + 0.5 * random.NextDouble());
    }
}
