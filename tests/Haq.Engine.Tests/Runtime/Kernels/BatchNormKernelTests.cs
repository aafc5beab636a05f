using Haq.Engine.Numerics;
using Haq.Engine.Runtime.Kernels;

namespace Haq.Engine.Tests.Runtime.Kernels;

/// <summary>
/// Batch normalization with batch statistics, clipped, against its definition in double precision (Ioffe and Szegedy 2015, algorithm 1 and the gradients after it), at whatever
/// register width the process has.
/// </summary>
public sealed unsafe class BatchNormKernelTests
{
    private const int Batch = 6, Channels = 5;
    private const float Epsilon = 1e-3f;

    public static TheoryData<int, float, float, float> Cases => new()
    {
        // numbers per channel and image, bounds, what is added to all numbers
        { 1, 0, float.PositiveInfinity, 0 }, { 4, 0, 6, 3 }, { 49, float.NegativeInfinity, 0.5f, -2 }, { 49, float.NegativeInfinity, float.PositiveInfinity, 1000 },
        { 256, 0, float.PositiveInfinity, 0 }, { 300, -1, 1, 5 }, { 5003, 0, float.PositiveInfinity, -1000 }, { 1024, float.NegativeInfinity, float.PositiveInfinity, 0 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_and_gradients(int inner, float low, float high, float offset)
    {
        var r = new Normalized(inner, low, high, offset);
        double count = Batch * inner;
        for (int channel = 0; channel < Channels; channel++)
        {
            int[] places = [.. Enumerable.Range(0, Batch).SelectMany(n => Enumerable.Range(0, inner).Select(i => (n * Channels + channel) * inner + i))];
            double mean = places.Average(p => (double)r.X[p]), variance = places.Average(p => (r.X[p] - mean) * (r.X[p] - mean)), inverse = 1 / Math.Sqrt(variance + Epsilon);
            // Numbers around 1000 are known to 6e-5.
            double rounding = Math.Abs(offset) * 2e-7 + 1e-5;
            Assert.Equal(mean, r.Mean[channel], rounding);
            Assert.Equal(variance, r.Variance[channel], rounding * (1 + variance));
            double Hat(int p) => (r.X[p] - mean) * inverse;
            // On a bound the sides are a matter of rounding: the kernel's own value says which.
            double Through(int p) => r.Y[p] > low && r.Y[p] < high ? r.Gradient[p] : 0;
            double bias = places.Sum(Through), scale = places.Sum(p => Through(p) * Hat(p));
            Assert.Equal(bias, r.BiasGradient[channel], 1e-6 * count);
            Assert.Equal(scale, r.ScaleGradient[channel], 10 * rounding * count);
            foreach (int p in places)
            {
                Assert.Equal(Math.Clamp(r.Scale[channel] * Hat(p) + r.Bias[channel], low, high), r.Y[p], 20 * rounding);
                double slope = r.Scale[channel] * inverse;
                Assert.Equal(slope * (Through(p) - bias / count - Hat(p) * scale / count), r.Result[p], 20 * rounding);
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(200)]
    public void The_mean_of_the_first_image_may_lie_far_from_that_of_the_others(int inner)
    {
        var r = new Normalized(inner, float.NegativeInfinity, float.PositiveInfinity, 0, first: 1e4f);
        for (int channel = 0; channel < Channels; channel++)
        {
            int[] places = [.. Enumerable.Range(0, Batch).SelectMany(n => Enumerable.Range(0, inner).Select(i => (n * Channels + channel) * inner + i))];
            double mean = places.Average(p => (double)r.X[p]), variance = places.Average(p => (r.X[p] - mean) * (r.X[p] - mean));
            Assert.Equal(mean, r.Mean[channel], 1e-6 * mean);
            Assert.Equal(variance, r.Variance[channel], 1e-5 * variance);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(200)]
    public void What_is_no_number_stays_so(int inner)
    {
        var r = new Normalized(inner, 0, 6, 0, first: float.NaN);
        Assert.All(r.Y, y => Assert.True(float.IsNaN(y)));
    }

    private sealed class Normalized
    {
        public Normalized(int inner, float low, float high, float offset, float first = 0)
        {
            (X, Gradient, Scale, Bias) = (Numbers(1, inner, offset), Numbers(2, inner, 0), Numbers(3, 1, 0)[..Channels], Numbers(4, 1, 0)[..Channels]);
            for (int i = 0; i < Channels * inner; i++) X[i] += first;
            (Y, Result) = (new float[X.Length], new float[X.Length]);
            fixed (float* x = X, dy = Gradient, s = Scale, b = Bias, y = Y, dx = Result, m = Mean, v = Variance, ds = ScaleGradient, db = BiasGradient)
            {
                var work = new BatchNormWork([Batch, Channels, inner])
                {
                    Bits = VectorLoop.Widest, Epsilon = Epsilon, Low = low, High = high, X = x, Scale = s, Bias = b, Mean = m, Variance = v, Y = y, ScaleGradient = ds, BiasGradient = db,
                };
                for (int part = 0; part < work.Parts; part++) work.Run(part);
                work.Backward = true;
                work.Gradient = dy;
                work.Y = dx;
                for (int part = 0; part < work.Parts; part++) work.Run(part);
            }
        }

        public float[] X { get; }

        public float[] Gradient { get; }

        public float[] Scale { get; }

        public float[] Bias { get; }

        public float[] Y { get; }

        public float[] Result { get; }

        public float[] Mean { get; } = new float[Channels];

        public float[] Variance { get; } = new float[Channels];

        public float[] ScaleGradient { get; } = new float[Channels];

        public float[] BiasGradient { get; } = new float[Channels];

        private static float[] Numbers(ulong seed, int inner, float offset)
        {
            var random = new SeededRandom(seed);
            return [.. Enumerable.Range(0, Batch * Channels * inner).Select(_ => (float)(offset + random.NextNormal()))];
        }
    }
}
