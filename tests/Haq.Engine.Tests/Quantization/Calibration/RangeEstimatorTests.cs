using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Tests.Quantization.Calibration;

public sealed class RangeEstimatorTests
{
    public static TheoryData<RangeMethod> Methods => [.. Enum.GetValues<RangeMethod>()];

    private static float[] Draw(int count, Func<SeededRandom, double> draw)
    {
        var random = new SeededRandom(11);
        return [.. Enumerable.Range(0, count).Select(_ => (float)draw(random))];
    }

    private static StreamedHistogram Histogram(params float[] values)
    {
        var h = new StreamedHistogram();
        h.Add(values);
        return h;
    }

    private static double MeanSquaredError(float[] values, Quantizer q) => values.Average(x => Math.Pow(x - (double)q.Round(x), 2));

    // The best clipping of an exponential distribution, by quadrature of (x - Q(x))^2 e^-x over [0, 30] for every clipping point.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mse_clips_an_exponential_where_quadrature_says(int bits)
    {
        float[] values = Draw(400_000, r => -Math.Log(1 - r.NextDouble()));
        var q = RangeEstimator.Estimate(Histogram(values), new Bitwidth(bits), RangeMethod.Mse);
        double Quadrature(double clip)
        {
            double step = clip / ((1 << bits) - 1), sum = 0;
            for (double x = 0.001; x < 30; x += 0.002) sum += Math.Pow(x - Math.Min(clip, Math.Round(x / step) * step), 2) * Math.Exp(-x);
            return sum;
        }
        double expected = Enumerable.Range(100, 600).Select(i => i / 100.0).MinBy(Quadrature);
        Assert.Equal(0, q.ZeroPoint);
        Assert.InRange(q.Highest, expected * 0.97, expected * 1.03);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Mse_is_as_good_as_brute_force_on_the_values_themselves(int bits)
    {
        float[] values = Draw(4000, r => Math.Max(0, r.NextNormal() * 2 + 0.3));
        var range = IntegerRange.Unsigned(new Bitwidth(bits));
        double brute = Enumerable.Range(20, 400).Min(i => MeanSquaredError(values, new Quantizer(values.Max() * i / 419f / range.Max, 0, range)));
        double found = MeanSquaredError(values, RangeEstimator.Estimate(Histogram(values), new Bitwidth(bits), RangeMethod.Mse));
        Assert.True(found <= brute * 1.01, $"{found} against {brute}");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Values_of_both_signs_get_a_zero_point_and_exact_zero(RangeMethod method)
    {
        float[] values = Draw(20_000, r => r.NextNormal() - 0.5);
        var q = RangeEstimator.Estimate(Histogram(values), new Bitwidth(6), method);
        Assert.InRange(q.ZeroPoint, 20, 50);
        Assert.Equal(0, q.Round(0));
        Assert.True(MeanSquaredError(values, q) < 0.02);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void All_zero_and_all_negative_tensors_have_a_grid(RangeMethod method)
    {
        var zero = RangeEstimator.Estimate(Histogram(0, 0, 0), new Bitwidth(4), method);
        Assert.Equal(0, zero.Round(0));
        var negative = RangeEstimator.Estimate(Histogram(-1, -2, -3), new Bitwidth(8), method);
        Assert.Equal(0, negative.Round(0));
        if (method != RangeMethod.Kl) Assert.Equal(-3, negative.Round(-3), 0.02f); // three values are no distribution
    }

    [Fact]
    public void Max_keeps_the_ends()
    {
        var q = RangeEstimator.Estimate(Histogram(0, 1.5f, 12.75f), new Bitwidth(8), RangeMethod.Max);
        Assert.Equal(12.75f, q.Highest);
        Assert.Equal(12.75f / 255, q.Scale);
    }

    [Fact]
    public void Images_of_bytes_over_255_are_exact()
    {
        float[] image = [.. Enumerable.Range(0, 256).Select(i => i / 255f)];
        var q = RangeEstimator.Estimate(Histogram(image), new Bitwidth(8), RangeMethod.Mse);
        Assert.Equal(0, MeanSquaredError(image, q), 1e-12);
    }

    [Fact]
    public void Lone_outliers_are_left_out()
    {
        float[] values = [.. Draw(200_000, r => Math.Abs(r.NextNormal())), 60];
        foreach (var method in new[] { RangeMethod.Percentile, RangeMethod.Kl, RangeMethod.Mse })
            Assert.InRange(RangeEstimator.Estimate(Histogram(values), new Bitwidth(4), method).Highest, 1.5, 10);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_constant_background_lies_on_the_grid(RangeMethod method)
    {
        if (method == RangeMethod.Max) return; // keeps the ends, whatever lies between
        const float background = 0.711f;
        float[] values = [.. Draw(20_000, r => Math.Abs(r.NextNormal())), .. Enumerable.Repeat(background, 11_000)];
        foreach (int bits in new[] { 3, 4, 5 })
        {
            var q = RangeEstimator.Estimate(Histogram(values), new Bitwidth(bits), method);
            Assert.Equal(background, q.Round(background), q.Scale * 0.02f);
            Assert.Equal(0, q.Round(0));
        }
    }
}
