using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Sensitivity;

public sealed class SquaredSumTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(4099)]
    public void It_is_the_sum_in_double_precision_to_the_rounding_of_a_stretch(int length)
    {
        var random = new SeededRandom(5);
        float[] values = Noise(), biases = Noise(), gradients = Noise();
        Near(values.Zip(gradients, (v, g) => Square((v + 0.3) * g)).Sum(), SquaredSum.Of(values, 0.3f, gradients));
        Near(values.Sum(v => Square(v)), SquaredSum.Of(values, 0, []));
        Near(Enumerable.Range(0, length).Sum(i => Square((values[i] + biases[i]) * (double)gradients[i])), SquaredSum.Of(values, biases, gradients));
        Near(Enumerable.Range(0, length).Sum(i => Square(values[i] + biases[i])), SquaredSum.Of(values, biases, []));

        float[] Noise() => [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal())];
    }

    private static double Square(double value) => value * value;

    private static void Near(double expected, double sum) => Assert.Equal(expected, sum, 1e-5 * expected);
}
