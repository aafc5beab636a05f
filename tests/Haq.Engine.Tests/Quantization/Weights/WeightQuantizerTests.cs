using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Tests.Quantization.Weights;

public sealed class WeightQuantizerTests
{
    private static float[] Normal(int count)
    {
        var random = new SeededRandom(3);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    private static double Error(float[] weights, QuantizedWeights q)
    {
        float[] back = new float[weights.Length];
        q.Dequantize(back);
        return weights.Zip(back, (a, b) => Math.Pow((double)a - b, 2)).Sum();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Integers_stay_in_range_and_clipping_by_error_is_never_worse(int bits)
    {
        float[] w = Normal(64 * 27);
        var layout = new ChannelLayout(1, 64, 27);
        var mse = WeightQuantizer.Quantize(w, layout, new Bitwidth(bits), WeightRange.Mse);
        var max = WeightQuantizer.Quantize(w, layout, new Bitwidth(bits), WeightRange.Max);
        int top = IntegerRange.Symmetric(new Bitwidth(bits)).Max;
        foreach (short q in mse.Values) Assert.InRange(q, -top, top);
        Assert.True(Error(w, mse) <= Error(w, max));
        if (bits == 2) Assert.True(Error(w, mse) < 0.8 * Error(w, max));
    }

    [Fact]
    public void Max_reaches_the_end_of_the_range_in_every_channel()
    {
        float[] w = Normal(8 * 9);
        var q = WeightQuantizer.Quantize(w, new ChannelLayout(1, 8, 9), new Bitwidth(5), WeightRange.Max);
        for (int c = 0; c < 8; c++) Assert.Equal(15, q.Values.Slice(c * 9, 9).ToArray().Max(Math.Abs));
    }

    [Fact]
    public void One_bit_is_sign_times_mean_magnitude()
    {
        var q = WeightQuantizer.Quantize(new float[] { 1, -2, 3, -4 }, new ChannelLayout(1, 1, 4), new Bitwidth(1), WeightRange.Mse);
        Assert.Equal([1, -1, 1, -1], q.Values.ToArray());
        Assert.Equal(2.5f, q.Scales[0]);
    }

    [Fact]
    public void Channels_along_the_last_axis_are_the_transposed_channels_along_the_first()
    {
        float[] rows = Normal(6 * 10), columns = new float[60];
        for (int r = 0; r < 6; r++)
            for (int c = 0; c < 10; c++) columns[c * 6 + r] = rows[r * 10 + c];
        var byRow = WeightQuantizer.Quantize(rows, ChannelLayout.Of([6, 10], 0), new Bitwidth(4), WeightRange.Mse);
        var byColumn = WeightQuantizer.Quantize(columns, ChannelLayout.Of([10, 6], 1), new Bitwidth(4), WeightRange.Mse);
        Assert.Equal(byRow.Scales, byColumn.Scales);
        Assert.Equal(byRow.Values[23], byColumn.Values[3 * 6 + 2]);
        Assert.Equal(Error(rows, byRow), Error(columns, byColumn), 1e-9);
    }

    [Fact]
    public void A_channel_of_zeros_stays_zero()
    {
        var q = WeightQuantizer.Quantize(new float[] { 0, 0, 1, 2 }, new ChannelLayout(1, 2, 2), new Bitwidth(4), WeightRange.Mse);
        Assert.Equal([0, 0], q.Values[..2].ToArray());
        Assert.Equal(1, q.Scales[0]);
    }

    [Fact]
    public void Importance_moves_the_step_towards_what_matters()
    {
        float[] w = [0.10f, 0.11f, 0.12f, 0.13f, 1.0f];
        var plain = WeightQuantizer.Quantize(w, new ChannelLayout(1, 1, 5), new Bitwidth(3), WeightRange.Mse);
        var small = WeightQuantizer.Quantize(w, new ChannelLayout(1, 1, 5), new Bitwidth(3), WeightRange.Mse, new float[] { 9, 9, 9, 9, 0.001f });
        Assert.True(small.Scales[0] < plain.Scales[0]);
    }
}
