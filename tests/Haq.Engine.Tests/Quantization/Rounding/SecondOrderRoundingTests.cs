using Haq.Engine.Numerics;
using Haq.Engine.Quantization.Rounding;

namespace Haq.Engine.Tests.Quantization.Rounding;

public sealed class SecondOrderRoundingTests
{
    private static readonly SeededRandom s_random = new(17);

    /// <summary>Moments of vectors whose values are correlated: each is partly the one before it.</summary>
    private static SecondMoment Correlated(int size, int count, double share, string name)
    {
        var random = s_random.Fork(name);
        var moment = new SecondMoment(size);
        float[] x = new float[size];
        for (int n = 0; n < count; n++)
        {
            double previous = random.NextNormal();
            for (int i = 0; i < size; i++) x[i] = (float)((previous = share * previous + (1 - share) * random.NextNormal()) * (1 + i % 3));
            moment.Add(x);
        }
        return moment;
    }

    private static double Error(float[] w, short[] q, double scale, double[] matrix)
    {
        double[] d = [.. w.Select((v, i) => v - q[i] * scale)];
        double sum = 0;
        for (int i = 0; i < d.Length; i++)
            for (int j = 0; j < d.Length; j++) sum += d[i] * d[j] * matrix[i * d.Length + j];
        return sum;
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void The_factor_gives_the_inverse(int size)
    {
        double[] matrix = Correlated(size, 500, 0.6, "factor").Matrix();
        for (int i = 0; i < size; i++) matrix[i * size + i] += 0.01;
        double[] u = InverseFactor.Of(matrix, size)!;
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                // (UᵀU · H)[i, j]
                double sum = 0;
                for (int k = 0; k < size; k++)
                    for (int m = 0; m <= Math.Min(i, k); m++) sum += u[m * size + i] * u[m * size + k] * matrix[k * size + j];
                Assert.Equal(i == j ? 1 : 0, sum, 1e-7);
            }
        }
    }

    [Fact]
    public void What_is_not_positive_definite_has_no_factor() => Assert.Null(InverseFactor.Of([1, 2, 2, 1], 2));

    [Theory]
    [InlineData(9, 1)]
    [InlineData(9, 7)]
    [InlineData(64, 3)]
    [InlineData(300, 7)]
    public void It_beats_the_nearest_integers_by_far_where_values_are_correlated(int size, int top)
    {
        var moment = Correlated(size, 2000, 0.8, "beats");
        var rounding = SecondOrderRounding.Of(moment)!;
        var random = s_random.Fork("weights");
        double nearest = 0, found = 0;
        for (int row = 0; row < 10; row++)
        {
            float[] w = [.. Enumerable.Range(0, size).Select(_ => (float)random.NextNormal())];
            float scale = w.Max(Math.Abs) / top;
            short[] q = new short[size];
            float fitted = rounding.Round(w, scale, top, q);
            Assert.All(q, v => Assert.InRange(v, -top, top));
            found += Error(w, q, fitted, moment.Matrix());
            nearest += Error(w, [.. w.Select(v => (short)Math.Clamp(MathF.Round(v / scale), -top, top))], scale, moment.Matrix());
        }
        Assert.True(found < 0.6 * nearest, $"{found} against {nearest}");
    }

    [Fact]
    public void Spreading_errors_alone_keeps_the_scale_and_gains_most_of_it_at_8_bits()
    {
        var moment = Correlated(64, 2000, 0.8, "spread");
        var rounding = SecondOrderRounding.Of(moment)!;
        var random = s_random.Fork("spread weights");
        double nearest = 0, spread = 0, improved = 0;
        for (int row = 0; row < 10; row++)
        {
            float[] w = [.. Enumerable.Range(0, 64).Select(_ => (float)random.NextNormal())];
            float scale = w.Max(Math.Abs) / 127;
            short[] q = new short[64];
            Assert.Equal(scale, rounding.Round(w, scale, 127, q, improve: false));
            spread += Error(w, q, scale, moment.Matrix());
            float fitted = rounding.Round(w, scale, 127, q);
            improved += Error(w, q, fitted, moment.Matrix());
            nearest += Error(w, [.. w.Select(v => (short)MathF.Round(v / scale))], scale, moment.Matrix());
        }
        Assert.True(spread < 0.6 * nearest, $"{spread} against {nearest}");
        Assert.True(improved <= spread, $"{improved} against {spread}");
    }

    [Theory]
    [InlineData(9, 3, true, false)]
    [InlineData(70, 7, true, false)]
    [InlineData(70, 127, true, true)]
    [InlineData(70, 127, false, false)]
    public void Channels_together_get_the_very_numbers_that_each_would_get_alone(int size, int top, bool improve, bool keepScale)
    {
        var rounding = SecondOrderRounding.Of(Correlated(size, 500, 0.8, "together"))!;
        var random = s_random.Fork("together weights");
        var together = new RoundedChannels(7, size);
        short[][] alone = new short[together.Count][];
        float[] scales = new float[together.Count];
        for (int c = 0; c < together.Count; c++)
        {
            foreach (ref float value in together.WeightsOf(c)) value = (float)random.NextNormal();
            together.Scales[c] = (1 + 0.3f * c) / top;
            scales[c] = rounding.Round(together.WeightsOf(c), together.Scales[c], top, alone[c] = new short[size], keepScale, improve);
        }
        rounding.Round(together, top, keepScale, improve);
        Assert.Equal(scales, together.Scales);
        for (int c = 0; c < together.Count; c++) Assert.Equal(alone[c], together.RoundedOf(c).ToArray());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(29)]
    public void Four_sums_at_once_are_the_same_numbers_as_four_after_each_other(int size)
    {
        var random = s_random.Fork("four");
        double[] Vector(int length) => [.. Enumerable.Range(0, length).Select(_ => random.NextNormal())];
        double[] x = Vector(size), a = Vector(size), b = Vector(size), c = Vector(size), d = Vector(size);
        Assert.Equal((Vectors.Dot(x, a), Vectors.Dot(x, b), Vectors.Dot(x, c), Vectors.Dot(x, d)), Vectors.Dots(x, a, b, c, d));
    }

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(29, 5, true)]
    [InlineData(75, 33, true)]
    [InlineData(3, 1, false)]
    [InlineData(29, 5, false)]
    [InlineData(75, 33, false)]
    public void Many_rows_at_once_add_up_to_the_same_numbers_as_row_after_row(int size, int count, bool wide)
    {
        double[] rows = Normal(count * (size + 2), "rows"), factors = Normal(count, "factors");
        foreach (double sign in (double[])[1, -1])
        {
            double[] once = Normal(size, "target"), afterEachOther = [.. once];
            RowSums.Add(once, rows, size + 2, factors, sign, wide);
            for (int row = 0; row < count; row++) Vectors.AddScaled(afterEachOther, rows.AsSpan(row * (size + 2), size), sign * factors[row]);
            Assert.Equal(afterEachOther, once);
        }
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(16, 8)]
    [InlineData(29, 3)]
    [InlineData(30, 17)]
    public void Vectors_side_by_side_have_the_products_that_each_has_alone(int size, int count)
    {
        double[] matrix = Normal(5 * size, "matrix");
        double[][] vectors = [.. Enumerable.Range(0, count).Select(v => Normal(size, $"vector {v}"))];
        var paired = new PairedVectors(size, count);
        foreach (bool wide in (bool[])[true, false])
        {
            double[][] products = [.. vectors.Select(_ => new double[5])];
            paired.Put(vectors);
            paired.Multiply(matrix, products, wide);
            for (int v = 0; v < count; v++)
                for (int i = 0; i < 5; i++) Assert.Equal(Vectors.Dot(matrix.AsSpan(i * size, size), vectors[v]), products[v][i]);
        }
    }

    // Columns taken together, rows finished on several cores: the bits of one column after the other.
    [Theory]
    [InlineData(31)]
    [InlineData(66)]
    [InlineData(290)]
    public void The_factor_has_the_bits_of_one_column_after_the_other(int n)
    {
        double[] a = Correlated(n, 400, 0.6, "bits").Matrix();
        for (int i = 0; i < n; i++) a[i * n + i] += 0.01;
        double[] found = InverseFactor.Of(a, n)!, u = new double[n * n];
        for (int j = n - 1; j >= 0; j--)
        {
            var pivot = a.AsSpan(j * n + j + 1, n - 1 - j);
            a[j * n + j] = Math.Sqrt(a[j * n + j] - Vectors.Dot(pivot, pivot));
            for (int i = 0; i < j; i++) a[i * n + j] = (a[i * n + j] - Vectors.Dot(a.AsSpan(i * n + j + 1, n - 1 - j), pivot)) / a[j * n + j];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++) Vectors.AddScaled(u.AsSpan(i * n + k, n - k), u.AsSpan(k * n + k, n - k), -a[i * n + k]);
            u[i * n + i] = 1 / a[i * n + i];
            for (int j = i + 1; j < n; j++) u[i * n + j] *= u[i * n + i];
        }
        Assert.Equal(u, found);
    }

    private static double[] Normal(int length, string name)
    {
        var random = s_random.Fork(name);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextNormal())];
    }

    [Fact]
    public void For_few_values_it_is_near_the_best_of_all_integers_and_scales()
    {
        var moment = Correlated(4, 2000, 0.7, "brute");
        var rounding = SecondOrderRounding.Of(moment)!;
        double[] matrix = moment.Matrix();
        var random = s_random.Fork("brute weights");
        double best = 0, found = 0;
        for (int row = 0; row < 30; row++)
        {
            float[] w = [.. Enumerable.Range(0, 4).Select(_ => (float)random.NextNormal())];
            short[] q = new short[4];
            float scale = rounding.Round(w, w.Max(Math.Abs) / 3, 3, q);
            found += Error(w, q, scale, matrix);
            best += Best(w, matrix);
        }
        Assert.True(found <= 1.5 * best, $"{found} against {best}");
    }

    /// <summary>All 7⁴ integers within ±3, each with its own least-squares scale.</summary>
    private static double Best(float[] w, double[] matrix)
    {
        double least = double.PositiveInfinity;
        short[] q = new short[4];
        for (int code = 0; code < 7 * 7 * 7 * 7; code++)
        {
            for (int i = 0, rest = code; i < 4; i++, rest /= 7) q[i] = (short)(rest % 7 - 3);
            double top = 0, bottom = 0;
            for (int i = 0; i < 4; i++)
            {
                for (int j = 0; j < 4; j++)
                {
                    top += w[i] * q[j] * matrix[i * 4 + j];
                    bottom += q[i] * q[j] * matrix[i * 4 + j];
                }
            }

            if (bottom > 0 && top > 0) least = Math.Min(least, Error(w, q, top / bottom, matrix));
        }
        return least;
    }

    [Fact]
    public void Nothing_but_zeros_seen_gives_no_opinion()
    {
        var moment = new SecondMoment(3);
        moment.Add([0, 0, 0]);
        Assert.Null(SecondOrderRounding.Of(moment));
    }
}
