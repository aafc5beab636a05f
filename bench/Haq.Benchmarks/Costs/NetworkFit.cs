using System.Collections.Immutable;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Costs;

/// <summary>A network whose whole time is known, at 8 bits and batch 1.</summary>
/// <param name="Family">Its architecture.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Time">What it takes, in any unit.</param>
internal sealed record MeasuredNetwork(string Family, ImmutableArray<LayerShape> Layers, double Time);

/// <summary>
/// The equations of <c>kind: fitted</c> for whole networks: the work of all layers added up, non-negative least squares of relative errors for every array, the array of the least error.
/// </summary>
internal static class NetworkFit
{
    private const int Parts = 5;

    private static readonly LayerBits s_eight = new(8, 8);

    /// <summary>Each network predicted by a fit to the others.</summary>
    /// <param name="networks">All of them.</param>
    /// <param name="together">The second is left out where the first is predicted.</param>
    public static (double Predicted, double Actual)[] LeaveOut(MeasuredNetwork[] networks, Func<MeasuredNetwork, MeasuredNetwork, bool> together)
    {
        var equations = new Dictionary<(int Rows, int Cols), double[][]>();
        foreach (int rows in FittedTarget.Sizes)
            foreach (int cols in FittedTarget.Sizes) equations[(rows, cols)] = [.. networks.Select(n => Work(n, rows, cols))];
        return [.. networks.Select((n, i) => (Predict(equations, networks, i, [.. Enumerable.Range(0, networks.Length).Where(j => !together(n, networks[j]))]), n.Time))];
    }

    private static double Predict(Dictionary<(int Rows, int Cols), double[][]> equations, MeasuredNetwork[] networks, int index, int[] seen)
    {
        double[] ones = [.. seen.Select(_ => 1.0)];
        double least = double.PositiveInfinity, predicted = 0;
        foreach (var work in equations.Values)
        {
            double[][] relative = [.. seen.Select(i => work[i].Select(w => w / networks[i].Time).ToArray())];
            double[] x = LeastSquares.NonNegative(relative, ones);
            double error = relative.Sum(r => Math.Pow(Sum(r, x) - 1, 2));
            if (error < least * (1 - 1e-9)) (least, predicted) = (error, Sum(work[index], x));
        }
        return predicted;
    }

    private static double Sum(double[] work, double[] x) => work.Zip(x, (w, c) => w * c).Sum();

    // Overhead of a layer, bytes of weights and of activations, multiply-accumulates, those of depthwise layers.
    private static double[] Work(MeasuredNetwork network, int rows, int cols)
    {
        double[] sum = new double[Parts];
        foreach (var shape in network.Layers)
        {
            var work = LayerWork.Of(shape, s_eight, 1, rows, cols);
            double[] parts = [1, work.WeightBytes, work.ActivationBytes, work.Dense, work.Depthwise];
            for (int i = 0; i < Parts; i++) sum[i] += parts[i];
        }
        return sum;
    }
}
