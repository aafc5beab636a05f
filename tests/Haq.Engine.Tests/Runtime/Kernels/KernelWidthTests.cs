using Haq.Engine.Numerics;
using Haq.Engine.Runtime.Kernels;

namespace Haq.Engine.Tests.Runtime.Kernels;

/// <summary>Every register width that the machine has gives what a scalar gives, within the rounding of another order of summation.</summary>
public sealed unsafe class KernelWidthTests
{
    private static readonly int[] s_widths = [.. new[] { 512, 256, 128 }.Where(w => w <= VectorLoop.Widest)];

    public static TheoryData<int, int, int, int> Maps => new()
    {
        // height, width, kernel, stride
        { 8, 8, 3, 1 }, { 7, 9, 3, 2 }, { 5, 5, 5, 1 }, { 2, 2, 3, 1 }, { 33, 17, 3, 1 }, { 6, 6, 1, 1 }, { 9, 8, 4, 3 }, { 36, 30, 3, 2 }, { 28, 28, 3, 1 }, { 28, 28, 3, 2 }, { 14, 14, 3, 2 },
    };

    [Fact]
    public void The_widest_register_is_what_the_process_was_started_for()
    {
        string? expected = Environment.GetEnvironmentVariable(InstructionSetTests.ExpectedBits);
        Assert.Contains(VectorLoop.Widest, new[] { 512, 256, 128, 32 });
        if (expected is not null) Assert.Equal(expected, VectorLoop.Widest.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Depthwise_convolution_and_its_gradients(int height, int width, int kernel, int stride)
    {
        const int batch = 3, channels = 5;
        int pad = kernel / 2, outHeight = (height + 2 * pad - kernel) / stride + 1, outWidth = (width + 2 * pad - kernel) / stride + 1;
        var geometry = new WindowGeometry(height, width, outHeight, outWidth, kernel, kernel, stride, stride, 1, 1, pad, pad);
        foreach (var task in Enum.GetValues<DepthwiseTask>())
        {
            float[] Run(int bits)
            {
                float[] input = Numbers(1, batch * channels * height * width), output = Numbers(2, batch * channels * outHeight * outWidth), weights = Numbers(3, channels * kernel * kernel);
                fixed (float* x = input, y = output, w = weights)
                {
                    var work = new DepthwiseWork { Task = task, Bits = bits, Batch = batch, Channels = channels, Parts = 2, Geometry = geometry, Input = x, Output = y, Weights = w };
                    work.Run(0);
                    work.Run(1);
                }
                return task == DepthwiseTask.Forward ? output : task == DepthwiseTask.InputGradient ? input : weights;
            }
            Compare(Run);
        }
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Depthwise_convolution_and_its_gradients_are_what_their_sums_say(int height, int width, int kernel, int stride)
    {
        // More channels than the widest register has numbers, and some over.
        const int batch = 3, channels = 21;
        int pad = kernel / 2, outHeight = (height + 2 * pad - kernel) / stride + 1, outWidth = (width + 2 * pad - kernel) / stride + 1;
        var geometry = new WindowGeometry(height, width, outHeight, outWidth, kernel, kernel, stride, stride, 1, 1, pad, pad);
        foreach (var task in Enum.GetValues<DepthwiseTask>())
        {
            float[] input = Numbers(1, batch * channels * height * width), output = Numbers(2, batch * channels * outHeight * outWidth), weights = Numbers(3, channels * kernel * kernel);
            var written = task switch { DepthwiseTask.Forward => output, DepthwiseTask.InputGradient => input, _ => weights };
            double[] sums = new double[written.Length], sizes = new double[written.Length];
            for (int plane = 0; plane < batch * channels; plane++)
            {
                for (int at = 0; at < outHeight * outWidth * kernel * kernel; at++)
                {
                    int k = at % (kernel * kernel), pixel = at / (kernel * kernel), row = pixel / outWidth * stride - pad + k / kernel, column = pixel % outWidth * stride - pad + k % kernel;
                    if (row < 0 || row >= height || column < 0 || column >= width) continue;
                    int x = (plane * height + row) * width + column, y = plane * outHeight * outWidth + pixel, w = plane % channels * kernel * kernel + k;
                    var (to, product) = task switch
                    {
                        DepthwiseTask.Forward => (y, (double)input[x] * weights[w]),
                        DepthwiseTask.InputGradient => (x, (double)output[y] * weights[w]),
                        _ => (w, (double)input[x] * output[y]),
                    };
                    (sums[to], sizes[to]) = (sums[to] + product, sizes[to] + Math.Abs(product));
                }
            }
            fixed (float* x = input, y = output, w = weights)
            {
                var work = new DepthwiseWork
                {
                    Task = task, Bits = VectorLoop.Widest, Batch = batch, Channels = channels, Parts = DepthwiseWork.PartsFor(task, batch, channels),
                        Geometry = geometry, Input = x, Output = y, Weights = w,
                };
                for (int part = 0; part < work.Parts; part++) work.Run(part);
            }
            // Single precision loses in proportion to what is summed, not to the sum.
            for (int i = 0; i < sums.Length; i++) Assert.True(Math.Abs(sums[i] - written[i]) <= 1e-6 * (1 + sizes[i]), $"{task} {i}: {written[i]} for {sums[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Weight_gradient_of_a_dense_convolution(int height, int width, int kernel, int stride)
    {
        const int batch = 5, channels = 7, outputs = 6;
        int pad = kernel / 2, outHeight = (height + 2 * pad - kernel) / stride + 1, outWidth = (width + 2 * pad - kernel) / stride + 1;
        float[] input = Numbers(1, batch * channels * height * width), gradient = Numbers(2, batch * outputs * outHeight * outWidth);
        float[] Run(int bits)
        {
            float[] result = new float[outputs * channels * kernel * kernel];
            fixed (float* x = input, dy = gradient, dw = result)
            {
                var work = new ConvWeightGradientWork
                {
                    Bits = bits, Batch = batch, Channels = channels, Outputs = outputs, Input = x, Gradient = dy, Result = dw,
                    Geometry = new WindowGeometry(height, width, outHeight, outWidth, kernel, kernel, stride, stride, 1, 1, pad, pad),
                };
                work.Plan();
                for (int part = 0; part < work.Parts; part++) work.Run(part);
                var sum = new ConvWeightGradientSum(work);
                for (int part = 0; part < sum.Parts; part++) sum.Run(part);
            }
            return result;
        }
        Compare(Run);
    }

    [Theory]
    [InlineData(37, float.NegativeInfinity, float.PositiveInfinity)] // across channels
    [InlineData(203, float.NegativeInfinity, float.PositiveInfinity)] // along a channel's numbers
    [InlineData(37, 0, float.PositiveInfinity)]
    [InlineData(203, -0.25f, 0.75f)]
    public void Batch_normalization_and_its_gradient(int inner, float low, float high)
    {
        float[] input = Numbers(1, 4 * 3 * inner), gradient = Numbers(2, input.Length), scale = Numbers(3, 3), bias = Numbers(4, 3);
        float[] Run(int bits)
        {
            float[] y = new float[input.Length], dx = new float[input.Length], mean = new float[3], variance = new float[3], dscale = new float[3], dbias = new float[3];
            fixed (float* x = input, dy = gradient, s = scale, b = bias, py = y, pdx = dx, m = mean, v = variance, ds = dscale, db = dbias)
            {
                var forward = new BatchNormWork([4, 3, inner]) { Bits = bits, Epsilon = 1e-5f, Low = low, High = high, X = x, Scale = s, Bias = b, Y = py, Mean = m, Variance = v };
                for (int part = 0; part < forward.Parts; part++) forward.Run(part);
                var backward = new BatchNormWork([4, 3, inner])
                {
                    Backward = true, Bits = bits, Epsilon = 1e-5f, Low = low, High = high, Gradient = dy, X = x, Scale = s, Bias = b, Mean = m, Variance = v, Y = pdx,
                    ScaleGradient = ds, BiasGradient = db,
                };
                for (int part = 0; part < backward.Parts; part++) backward.Run(part);
            }
            return [.. y, .. dx, .. mean, .. variance, .. dscale, .. dbias];
        }
        Compare(Run);
    }

    private static void Compare(Func<int, float[]> run)
    {
        float[] reference = run(32);
        double scale = Math.Max(1e-3, reference.Max(v => Math.Abs((double)v)));
        foreach (int width in s_widths)
        {
            float[] result = run(width);
            for (int i = 0; i < reference.Length; i++) Assert.Equal(reference[i], result[i], 1e-5 * scale);
        }
    }

    private static float[] Numbers(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
