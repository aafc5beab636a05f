using Haq.Engine.Numerics;
using Haq.Engine.Runtime.Kernels;

namespace Haq.Engine.Tests.Runtime.Kernels;

/// <summary>Dense convolutions and their gradients are what their sums say, in double precision, at every register width: those that the machine lacks are emulated.</summary>
public sealed unsafe class DenseKernelTests
{
    public static TheoryData<int, int, int, int, int, int, int, int> Maps => new()
    {
        // batch, channels, outputs, height, width, kernel, stride, dilation
        { 3, 5, 7, 8, 8, 3, 1, 1 }, { 2, 4, 16, 16, 16, 3, 1, 1 }, { 2, 3, 21, 7, 9, 3, 2, 1 }, { 3, 4, 33, 5, 5, 5, 1, 1 }, { 9, 6, 9, 2, 2, 3, 1, 1 }, { 1, 2, 3, 33, 17, 3, 1, 1 },
        { 2, 3, 5, 9, 8, 4, 3, 1 }, { 2, 3, 4, 12, 11, 3, 1, 2 }, { 2, 3, 5, 32, 32, 3, 2, 1 }, { 2, 5, 6, 7, 7, 1, 2, 1 }, { 3, 3, 5, 9, 9, 2, 3, 2 },
        // matrix products: whole registers, a few numbers, one number, more taps than a block
        { 3, 10, 12, 4, 4, 1, 1, 1 }, { 5, 9, 18, 6, 6, 1, 1, 1 }, { 7, 12, 10, 1, 1, 1, 1, 1 }, { 2, 700, 6, 4, 8, 1, 1, 1 }, { 40, 20, 40, 2, 2, 1, 1, 1 }, { 2, 3, 4, 48, 48, 1, 1, 1 },
        { 4, 260, 270, 2, 2, 1, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Maps))]
    public void Convolution(int batch, int channels, int outputs, int height, int width, int kernel, int stride, int dilation)
    {
        var map = new Map(batch, channels, outputs, height, width, kernel, stride, dilation);
        float[] bias = Numbers(4, outputs);
        var (sums, sizes) = map.Sums((x, y, w) => (y, (double)map.X[x] * map.W[w]), map.Y.Length);
        for (int i = 0; i < sums.Length; i++) sums[i] += bias[i / map.OutPlane % outputs];
        Check(sums, sizes, bits => map.Convolve(false, bits, bias));
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Gradient_of_the_input(int batch, int channels, int outputs, int height, int width, int kernel, int stride, int dilation)
    {
        var map = new Map(batch, channels, outputs, height, width, kernel, stride, dilation);
        var (sums, sizes) = map.Sums((x, y, w) => (x, (double)map.Y[y] * map.W[w]), map.X.Length);
        Check(sums, sizes, bits => map.Convolve(true, bits, null));
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Gradient_of_the_weights(int batch, int channels, int outputs, int height, int width, int kernel, int stride, int dilation)
    {
        var map = new Map(batch, channels, outputs, height, width, kernel, stride, dilation);
        var (sums, sizes) = map.Sums((x, y, w) => (w, (double)map.Y[y] * map.X[x]), map.W.Length);
        Check(sums, sizes, map.WeightGradient);
    }

    public static TheoryData<int, int, int, int, int> Products => new()
    {
        // batch, channels, outputs, height, width: more taps than a chunk, images and pixels that fill no block, more pixels than a group, one number, whole registers too
        { 4, 260, 270, 2, 2 }, { 3, 700, 100, 3, 3 }, { 5, 9, 18, 6, 6 }, { 29, 30, 61, 6, 6 }, { 7, 12, 10, 1, 1 }, { 300, 20, 50, 2, 2 }, { 1, 3, 1, 5, 7 }, { 2, 33, 48, 4, 4 },
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void Products_with_their_sides_exchanged(int batch, int channels, int outputs, int height, int width)
    {
        var map = new Map(batch, channels, outputs, height, width, 1, 1, 1);
        float[] bias = Numbers(4, outputs);
        var (sums, sizes) = map.Sums((x, y, w) => (y, (double)map.X[x] * map.W[w]), map.Y.Length);
        for (int i = 0; i < sums.Length; i++) sums[i] += bias[i / map.OutPlane % outputs];
        Check(sums, sizes, bits => map.Multiply(false, bits, bias));
        (sums, sizes) = map.Sums((x, y, w) => (x, (double)map.Y[y] * map.W[w]), map.X.Length);
        Check(sums, sizes, bits => map.Multiply(true, bits, null));
        // The order of summation is the same, so that the choice between the two changes no bit.
        foreach (int bits in new[] { 512, 256, 128, 32 })
        {
            Assert.Equal(map.Convolve(false, bits, bias), map.Multiply(false, bits, bias));
            Assert.Equal(map.Convolve(true, bits, null), map.Multiply(true, bits, null));
        }
    }

    private static void Check(double[] sums, double[] sizes, Func<int, float[]> run)
    {
        foreach (int bits in new[] { 512, 256, 128, 32 })
        {
            float[] result = run(bits);
            // Single precision loses in proportion to what is summed, not to the sum.
            for (int i = 0; i < sums.Length; i++) Assert.True(Math.Abs(sums[i] - result[i]) <= 2e-6 * (1 + sizes[i]), $"{bits} bits, {i}: {result[i]} for {sums[i]}");
        }
    }

    private static float[] Numbers(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    private sealed class Map
    {
        private readonly int _batch, _channels, _outputs, _kernel;
        private readonly WindowGeometry _geometry;

        public Map(int batch, int channels, int outputs, int height, int width, int kernel, int stride, int dilation)
        {
            (_batch, _channels, _outputs, _kernel) = (batch, channels, outputs, kernel);
            int reach = (kernel - 1) * dilation + 1, pad = reach / 2, outHeight = (height + 2 * pad - reach) / stride + 1, outWidth = (width + 2 * pad - reach) / stride + 1;
            _geometry = new WindowGeometry(height, width, outHeight, outWidth, kernel, kernel, stride, stride, dilation, dilation, pad, pad);
            (X, Y, W) = (Numbers(1, batch * channels * height * width), Numbers(2, batch * outputs * outHeight * outWidth), Numbers(3, outputs * channels * kernel * kernel));
        }

        public float[] X { get; }

        public float[] Y { get; }

        public float[] W { get; }

        public int OutPlane => _geometry.OutHeight * _geometry.OutWidth;

        /// <summary>Visits every product of the convolution: indices into input, output and weights.</summary>
        public (double[] Sums, double[] Sizes) Sums(Func<int, int, int, (int To, double Product)> visit, int count)
        {
            double[] sums = new double[count], sizes = new double[count];
            var g = _geometry;
            for (int at = 0; at < Y.Length; at++)
            {
                int pixel = at % OutPlane, m = at / OutPlane % _outputs, n = at / OutPlane / _outputs;
                for (int tap = 0; tap < _channels * _kernel * _kernel; tap++)
                {
                    int c = tap / (_kernel * _kernel), k = tap % (_kernel * _kernel);
                    int row = pixel / g.OutWidth * g.StrideY - g.Top + k / _kernel * g.DilationY, column = pixel % g.OutWidth * g.StrideX - g.Left + k % _kernel * g.DilationX;
                    if (row < 0 || row >= g.Height || column < 0 || column >= g.Width) continue;
                    var (to, product) = visit(((n * _channels + c) * g.Height + row) * g.Width + column, at, m * _channels * _kernel * _kernel + tap);
                    (sums[to], sizes[to]) = (sums[to] + product, sizes[to] + Math.Abs(product));
                }
            }
            return (sums, sizes);
        }

        public float[] Convolve(bool backward, int bits, float[]? bias)
        {
            // What was there before must not matter.
            float[] result = new float[backward ? X.Length : Y.Length];
            Array.Fill(result, float.NaN);
            fixed (float* from = backward ? Y : X, w = W, to = result, b = bias)
            {
                var work = new DenseConvWork
                {
                    Backward = backward, Bits = bits, Batch = _batch, Read = backward ? _outputs : _channels, Geometry = _geometry, From = from, To = to,
                    Weights = new DenseWeights(backward, _geometry, _channels, _outputs, bits, w, b),
                };
                for (int part = 0; part < work.Weights.Parts; part++) work.Weights.Run(part);
                work.Plan();
                for (int part = 0; part < work.Parts; part++) work.Run(part);
            }
            return result;
        }

        public float[] Multiply(bool backward, int bits, float[]? bias)
        {
            float[] result = new float[backward ? X.Length : Y.Length];
            Array.Fill(result, float.NaN);
            fixed (float* from = backward ? Y : X, w = W, to = result, b = bias)
            {
                var (read, written) = backward ? (_outputs, _channels) : (_channels, _outputs);
                var work = new PointwiseWork
                {
                    Backward = backward, Bits = bits, Read = read, Written = written, Plane = OutPlane, Weights = w, Bias = b, To = to,
                    Pixels = new PointwisePixels(_batch, read, OutPlane, bits, from),
                };
                for (int part = 0; part < work.Pixels.Parts; part++) work.Pixels.Run(part);
                for (int part = 0; part < work.Parts; part++) work.Run(part);
            }
            return result;
        }

        public float[] WeightGradient(int bits)
        {
            float[] result = new float[W.Length];
            Array.Fill(result, float.NaN);
            fixed (float* x = X, dy = Y, dw = result)
            {
                var work = new ConvWeightGradientWork { Bits = bits, Batch = _batch, Channels = _channels, Outputs = _outputs, Input = x, Gradient = dy, Result = dw, Geometry = _geometry };
                work.Plan();
                for (int part = 0; part < work.Parts; part++) work.Run(part);
                var sum = new ConvWeightGradientSum(work);
                for (int part = 0; part < sum.Parts; part++) sum.Run(part);
            }
            return result;
        }
    }
}
