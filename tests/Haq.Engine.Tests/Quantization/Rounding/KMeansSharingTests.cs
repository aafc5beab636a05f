using Haq.Engine.Numerics;
using Haq.Engine.Quantization.Rounding;

namespace Haq.Engine.Tests.Quantization.Rounding;

public sealed class KMeansSharingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(40, 1)]
    [InlineData(60, 3)]
    [InlineData(200, 8)]
    [InlineData(400, 16)]
    public void It_finds_the_optimum_where_that_can_be_computed(int count, int centroids)
    {
        var random = new SeededRandom((ulong)(count + centroids));
        float[] values = [.. Enumerable.Range(0, count).Select(_ => (float)(0.05 * random.NextNormal() + 3))];
        short[] indices = new short[count];
        float[] codebook = new KMeansSharing(values).Share(centroids, new SeededRandom(1), indices);
        double error = Error(values, codebook, indices), exact = Exact(values, centroids);
        output.WriteLine($"{count} values, {centroids} centroids: {error} against {exact}");
        Assert.Equal(codebook.Order(), codebook);
        Assert.InRange(codebook.Length, 1, Math.Min(count, centroids));
        // Centroids are rounded to float32.
        Assert.InRange(error, exact * (1 - 1e-5) - 1e-12, exact * (1 + 1e-5) + 1e-11);
    }

    [Fact]
    public void Many_values_end_near_the_quantizer_that_theory_calls_best_for_them()
    {
        // Max, Quantizing for minimum distortion, 1960, table I: the least error of 8, 16 and 32 levels for a normal of variance 1.
        foreach (var (levels, least) in ((int, double)[])[(8, 0.03454), (16, 0.009497), (32, 0.002499)])
        {
            var random = new SeededRandom(8);
            float[] values = [.. Enumerable.Range(0, 200_000).Select(_ => (float)random.NextNormal())];
            short[] indices = new short[values.Length];
            float[] codebook = new KMeansSharing(values).Share(levels, random, indices);
            Assert.InRange(Error(values, codebook, indices) / values.Length, least * 0.99, least * 1.01);
        }
    }

    [Fact]
    public void Every_value_takes_its_nearest_centroid_and_every_centroid_is_the_mean_of_what_takes_it()
    {
        var random = new SeededRandom(3);
        float[] values = [.. Enumerable.Range(0, 5000).Select(_ => (float)random.NextNormal())];
        short[] indices = new short[values.Length];
        float[] codebook = new KMeansSharing(values).Share(32, random, indices);
        Assert.Equal(32, codebook.Length);
        for (int i = 0; i < values.Length; i++)
            Assert.True(Math.Abs(values[i] - codebook[indices[i]]) <= codebook.Min(c => Math.Abs(values[i] - c)) + 1e-6);
        for (int c = 0; c < codebook.Length; c++)
            Assert.Equal(values.Where((_, i) => indices[i] == c).Average(v => (double)v), codebook[c], 1e-6);
    }

    [Fact]
    public void Few_different_values_are_kept_exactly_and_the_same_seed_gives_the_same_codebook()
    {
        float[] values = [2, -1, 2, 0, 0, -1, 2];
        short[] indices = new short[values.Length];
        Assert.Equal([-1, 0, 2], new KMeansSharing(values).Share(256, new SeededRandom(4), indices));
        Assert.Equal(values.Select(v => v < 0 ? 0 : v > 0 ? 2 : 1), indices.Select(i => (int)i));

        var random = new SeededRandom(5);
        float[] many = [.. Enumerable.Range(0, 3000).Select(_ => (float)random.NextNormal())];
        short[] first = new short[many.Length], second = new short[many.Length];
        var sharing = new KMeansSharing(many);
        Assert.Equal(sharing.Share(64, new SeededRandom(6), first), sharing.Share(64, new SeededRandom(6), second));
        Assert.Equal(first, second);
    }

    private static double Error(float[] values, float[] codebook, short[] indices) =>
        values.Select((v, i) => Math.Pow((double)v - codebook[indices[i]], 2)).Sum();

    // The optimum by dynamic programming over the sorted values (Wang and Song, Ckmeans.1d.dp, 2011).
    private static double Exact(float[] values, int centroids)
    {
        float[] sorted = [.. values.Order()];
        int n = sorted.Length;
        double[] before = [.. Enumerable.Repeat(double.PositiveInfinity, n + 1)];
        before[0] = 0;
        for (int k = 0; k < centroids; k++)
        {
            double[] now = [.. before];
            for (int from = 0; from < n; from++)
            {
                double mean = 0, error = 0;
                for (int to = from; to < n; to++)
                {
                    // Welford's running sums.
                    double delta = sorted[to] - mean;
                    mean += delta / (to - from + 1);
                    error += delta * (sorted[to] - mean);
                    now[to + 1] = Math.Min(now[to + 1], before[from] + error);
                }
            }
            before = now;
        }
        return before[n];
    }
}
