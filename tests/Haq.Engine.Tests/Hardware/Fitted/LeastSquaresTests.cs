using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Hardware.Fitted;

/// <summary>Least squares without negative coefficients, against solutions by hand and against every set of free columns.</summary>
public sealed class LeastSquaresTests
{
    [Fact]
    public void An_exact_solution_is_found() =>
        Close([2, 3], LeastSquares.NonNegative([[1, 0], [0, 1], [1, 1]], [2, 3, 5]), 1e-9);

    // Freely the first would be -1 and the second 2; at zero the second is (1·1 + 2·3)/(1 + 4) = 7/5.
    [Fact]
    public void What_would_be_negative_is_zero() => Close([0, 1.4], LeastSquares.NonNegative([[1, 1], [1, 2]], [1, 3]), 1e-9);

    [Fact]
    public void Columns_of_very_different_sizes_are_told_apart() =>
        Close([5e-6, 2e-12], LeastSquares.NonNegative([[1, 1e6], [1, 3e6], [1, 9e6]], [7e-6, 11e-6, 23e-6]), 1e-15);

    [Fact]
    public void A_column_that_another_explains_does_no_harm()
    {
        double[] x = LeastSquares.NonNegative([[1, 2], [2, 4], [3, 6]], [3, 6, 9]);
        Assert.All(x, v => Assert.True(v >= 0));
        Assert.Equal(3, x[0] + 2 * x[1], 1e-9);
    }

    [Fact]
    public void No_other_set_of_free_columns_does_better()
    {
        var random = new SeededRandom(5);
        for (int trial = 0; trial < 40; trial++)
        {
            double[][] rows = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 3).Select(_ => random.NextDouble()).ToArray())];
            double[] targets = [.. Enumerable.Range(0, 8).Select(_ => random.NextDouble() - 0.3)];
            double[] x = LeastSquares.NonNegative(rows, targets);
            Assert.All(x, v => Assert.True(v >= 0));
            // At the optimum the gradient is zero where x is free and not negative where it is zero.
            for (int j = 0; j < 3; j++)
            {
                double gradient = Enumerable.Range(0, 8).Sum(i => rows[i][j] * (rows[i].Zip(x, (a, b) => a * b).Sum() - targets[i]));
                Assert.True(x[j] > 0 ? Math.Abs(gradient) < 1e-8 : gradient > -1e-8, $"trial {trial}, column {j}: {x[j]}, {gradient}");
            }
        }
    }

    private static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }
}
