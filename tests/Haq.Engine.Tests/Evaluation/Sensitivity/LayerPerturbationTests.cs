using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Evaluation.Sensitivity;

public sealed class LayerPerturbationTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void A_convolution_s_changes_are_weighted_and_squared_as_loops_in_double_precision_say(int layer, bool isDepthwise)
    {
        var model = MeasuredEvaluatorTests.Sample().Model;
        var found = model.Layers[layer];
        Assert.Equal(isDepthwise, found.Node.Int("group", 1) > 1);
        var random = new SeededRandom(3);
        int filters = (int)found.WeightShape[0], depth = (int)found.WeightShape[1], kernel = (int)found.WeightShape[2], channels = isDepthwise ? filters : depth;
        long[] strides = found.Node.Ints("strides") ?? [1, 1], pads = found.Node.Ints("pads") ?? [0, 0, 0, 0];
        const int Rows = 2, Size = 7;
        int outSize = (int)((Size + pads[0] + pads[2] - kernel) / strides[0]) + 1;
        float[] x = Noise(Rows * channels * Size * Size), w = Noise(filters * depth * kernel * kernel), bias = Noise(filters), g = Noise(Rows * filters * outSize * outSize);
        using OrtTensor input = OrtTensor.Of<float>(x, [Rows, channels, Size, Size]), gradient = OrtTensor.Of<float>(g, [Rows, filters, outSize, outSize]);
        using var perturbation = new LayerPerturbation(model.View, found, (int)model.Float.OpsetOf());
        float[] own = model.View.Floats(found.Weight)!;

        Close(Expected(w, bias, g), perturbation.OfWeights(input, w, bias, gradient));
        Close(Expected(w, null, null), perturbation.OfWeights(input, w, [], null));
        Close(Expected(own, null, g), perturbation.OfInput(input, gradient));

        float[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];

        double[] Expected(float[] weights, float[]? biases, float[]? gradients)
        {
            double[] sums = new double[Rows];
            for (int at = 0; at < Rows * filters * outSize * outSize; at++)
            {
                int column = at % outSize, line = at / outSize % outSize, filter = at / (outSize * outSize) % filters, row = at / (outSize * outSize * filters);
                double sum = biases?[filter] ?? 0;
                for (int d = 0; d < depth; d++)
                {
                    for (int k = 0; k < kernel * kernel; k++)
                    {
                        long y = line * strides[0] - pads[0] + k / kernel, z = column * strides[1] - pads[1] + k % kernel;
                        if (y is < 0 or >= Size || z is < 0 or >= Size) continue;
                        sum += (double)x[((row * channels + (isDepthwise ? filter : d)) * Size + y) * Size + z] * weights[(filter * depth + d) * kernel * kernel + k];
                    }
                }
                sums[row] += Math.Pow(sum * (gradients?[at] ?? 1), 2);
            }
            return sums;
        }
    }

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual)) Assert.Equal(e, a, 1e-4 * e);
    }
}
