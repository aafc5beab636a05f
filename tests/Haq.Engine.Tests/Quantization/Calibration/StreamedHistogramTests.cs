using Haq.Engine.Numerics;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Tests.Quantization.Calibration;

public sealed class StreamedHistogramTests
{
    private static float[] Normal(int count, double deviation, string name)
    {
        var random = new SeededRandom(7).Fork(name);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextNormal() * deviation))];
    }

    [Fact]
    public void Counts_extremes_and_moments_are_exact()
    {
        float[] values = [.. Normal(5000, 3, "a"), 0, 0, 0, -0.0f, 17.25f, -9.5f];
        var h = new StreamedHistogram();
        foreach (var part in values.Chunk(777)) h.Add(part);
        Assert.Equal(values.Length, h.Count);
        Assert.Equal(4, h.Zeros);
        Assert.Equal(values.Min(), h.Min);
        Assert.Equal(values.Max(), h.Max);
        Assert.Equal(values.Sum(x => (double)x), h.Sum, 1e-9);
        Assert.Equal(values.Sum(x => (double)x * x), h.SumOfSquares, 1e-7);
        Assert.Equal(values.Length - 4, h.Points().Sum(p => p.Count));
        Assert.Equal(values.Sum(x => (double)x), h.Points().Sum(p => (double)p.Value * p.Count), 1e-2);
    }

    [Fact]
    public void Growing_gives_the_bins_that_the_widest_batch_first_would_have_given()
    {
        float[] small = Normal(3000, 1e-3, "small"), large = Normal(3000, 50, "large");
        StreamedHistogram up = new(), down = new();
        up.Add(small);
        up.Add(large);
        down.Add(large);
        down.Add(small);
        Assert.Equal(up.BinWidth, down.BinWidth);
        Assert.Equal(down.Points().Select(p => p.Count), up.Points().Select(p => p.Count));
    }

    [Fact]
    public void Every_value_is_within_a_bin_of_its_point()
    {
        float[] values = Normal(4000, 2, "b");
        var h = new StreamedHistogram();
        h.Add(values);
        float[] points = [.. h.Points().Select(p => p.Value)];
        foreach (float x in values) Assert.True(points.Min(p => Math.Abs(p - x)) <= h.BinWidth);
        Assert.True(h.BinWidth <= values.Max(Math.Abs) / 4096);
    }

    [Fact]
    public void A_constant_background_is_known_exactly()
    {
        var h = new StreamedHistogram();
        h.Add([.. Enumerable.Repeat(0.123456f, 1000), 1]);
        Assert.Contains(h.Points(), p => p.Value == 0.123456f && p.Count == 1000);
    }

    [Fact]
    public void Values_that_are_not_numbers_are_counted_apart()
    {
        var h = new StreamedHistogram();
        h.Add([1, float.NaN, 2, float.PositiveInfinity, -3]);
        Assert.Equal((3, 2, -3f, 2f), (h.Count, h.NonFinite, h.Min, h.Max));
    }

    [Fact]
    public void Percentiles_are_within_a_bin()
    {
        float[] values = [.. Enumerable.Range(0, 10_001).Select(i => i / 100f)];
        var h = new StreamedHistogram();
        h.Add(values);
        Assert.Equal(25, h.Percentile(0.25), 2 * h.BinWidth);
        Assert.Equal(99, h.Percentile(0.99), 2 * h.BinWidth);
        Assert.Equal(100, h.Percentile(1));
    }

    [Fact]
    public void Written_and_read_it_is_the_same()
    {
        var h = new StreamedHistogram();
        h.Add(Normal(1000, 1, "c"));
        h.Add([0, 0, 5]);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        h.Write(writer);
        stream.Position = 0;
        var back = StreamedHistogram.Read(new BinaryReader(stream));
        Assert.Equal(h.Points(), back.Points());
        Assert.Equal((h.Count, h.Zeros, h.Min, h.Max, h.Sum, h.SumOfSquares), (back.Count, back.Zeros, back.Min, back.Max, back.Sum, back.SumOfSquares));
    }
}
