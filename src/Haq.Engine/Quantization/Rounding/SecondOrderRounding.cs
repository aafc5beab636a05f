using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Rounds a layer's weights so that its output changes least: minimizes Δw·H·Δwᵀ for every output channel, H the second moments of what the channel multiplies. Each channel is rounded
/// value by value with the error spread over the rest (GPTQ, Frantar et al. 2022), then improved by coordinate descent and by fitting its scale, until neither helps.
/// </summary>
public sealed class SecondOrderRounding
{
    /// <summary>Added to H's diagonal as a share of its mean (GPTQ's choice): directions that were never seen must not become free.</summary>
    private const double Damping = 0.01;

    private readonly int _size;
    private readonly int[] _order;
    private readonly double[] _matrix;
    private readonly double[] _factor;

    private SecondOrderRounding(int size, int[] order, double[] matrix, double[] factor) => (_size, _order, _matrix, _factor) = (size, order, matrix, factor);

    /// <summary>The diagonal of H, in the weights' order: what an error of a single weight costs.</summary>
    public float[] Importance()
    {
        float[] importance = new float[_size];
        for (int i = 0; i < _size; i++) importance[_order[i]] = (float)_matrix[i * _size + i];
        return importance;
    }

    /// <summary>Prepares for one group's moments; null where nothing but zeros was seen.</summary>
    /// <param name="moment">What the group multiplies.</param>
    /// <param name="centred">The layer's bias makes up for the mean change.</param>
    public static SecondOrderRounding? Of(SecondMoment moment, bool centred = true)
    {
        ArgumentNullException.ThrowIfNull(moment);
        int n = moment.Size;
        double[] seen = moment.Matrix(centred);
        double trace = 0;
        for (int i = 0; i < n; i++) trace += seen[i * n + i];
        if (!(trace > 0) || !double.IsFinite(trace)) return null;
        // The most important values first, while the rest can still make up for them.
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => seen[i * n + i])];
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) matrix[i * n + j] = seen[order[i] * n + order[j]];
        for (double damping = Damping; ; damping *= 10)
        {
            for (int i = 0; i < n; i++) matrix[i * n + i] = seen[order[i] * n + order[i]] + damping * trace / n;
            if (InverseFactor.Of(matrix, n) is { } factor) return new SecondOrderRounding(n, order, matrix, factor);
        }
    }

    /// <summary>
    /// Rounds one channel's weights, K values, to integers within ±<paramref name="top"/>; returns the scale, which starts at <paramref name="scale"/> and stays there with
    /// <paramref name="keepScale"/>, and without <paramref name="improve"/>, where errors are only spread.
    /// </summary>
    public float Round(ReadOnlySpan<float> weights, float scale, int top, Span<short> rounded, bool keepScale = false, bool improve = true)
    {
        double[] w = new double[_size];
        for (int i = 0; i < _size; i++) w[i] = weights[_order[i]];
        int[] q = new int[_size];
        if (!improve)
        {
            Spread(w, scale, top, q);
            for (int i = 0; i < _size; i++) rounded[_order[i]] = (short)q[i];
            return scale;
        }
        int[] best = new int[_size];
        double least = double.PositiveInfinity;
        float bestScale = scale;
        foreach (double factor in keepScale ? [1] : ScaleFactors())
        {
            float tried = (float)(scale * factor);
            Spread(w, tried, top, q);
            double error = Improve(w, ref tried, top, q, keepScale);
            if (error >= least) continue;
            (least, bestScale) = (error, tried);
            q.CopyTo(best, 0);
        }
        for (int i = 0; i < _size; i++) rounded[_order[i]] = (short)best[i];
        return bestScale;
    }

    /// <summary>Small channels are cheap to round, and their scales matter more: try several.</summary>
    private ReadOnlySpan<double> ScaleFactors() => _size <= 32 ? [1, 0.94, 1.06, 0.88, 1.12, 0.8, 1.2] : _size <= 512 ? [1, 0.93, 1.07] : [1];

    private void Spread(double[] weights, float scale, int top, int[] q)
    {
        Span<double> left = weights.ToArray();
        for (int i = 0; i < _size; i++)
        {
            q[i] = Nearest(left[i] / scale, top);
            double error = (left[i] - q[i] * (double)scale) / _factor[i * _size + i];
            Vectors.AddScaled(left[(i + 1)..], _factor.AsSpan(i * _size + i + 1, _size - i - 1), -error);
        }
    }

    /// <summary>Coordinate descent on the integers and least squares for the scale, in turn; returns Δw·H·Δwᵀ.</summary>
    private double Improve(double[] w, ref float scale, int top, int[] q, bool keepScale)
    {
        double[] error = new double[_size], gradient = new double[_size];
        double before = double.PositiveInfinity;
        for (int pass = 0; pass < 4; pass++)
        {
            for (int i = 0; i < _size; i++) error[i] = w[i] - q[i] * (double)scale;
            Multiply(error, gradient);
            Descend(w, scale, top, q, error, gradient);
            double now = Vectors.Dot(error, gradient);
            if (!(now < before * 0.999)) return now;
            before = now;
            if (!keepScale && Fit(w, q) is { } fitted && fitted > 0) scale = fitted;
        }
        for (int i = 0; i < _size; i++) error[i] = w[i] - q[i] * (double)scale;
        Multiply(error, gradient);
        return Vectors.Dot(error, gradient);
    }

    /// <summary>One pass over the integers: each becomes the best given the others.</summary>
    private void Descend(double[] w, float scale, int top, int[] q, double[] error, double[] gradient)
    {
        for (int i = 0; i < _size; i++)
        {
            double diagonal = _matrix[i * _size + i];
            // The error of value i that would be best if it were free.
            double free = error[i] - gradient[i] / diagonal;
            int better = Nearest((w[i] - free) / scale, top);
            if (better == q[i]) continue;
            double change = (q[i] - better) * (double)scale;
            double gain = change * (2 * gradient[i] + change * diagonal);
            if (gain >= 0) continue;
            q[i] = better;
            error[i] += change;
            Vectors.AddScaled(gradient, _matrix.AsSpan(i * _size, _size), change);
        }
    }

    /// <summary>The scale of least error for given integers, wHqᵀ / qHqᵀ.</summary>
    private float? Fit(double[] w, int[] q)
    {
        double[] integers = [.. q.Select(i => (double)i)], product = new double[_size];
        Multiply(integers, product);
        double denominator = Vectors.Dot(integers, product);
        return denominator > 0 ? (float)(Vectors.Dot(w, product) / denominator) : null;
    }

    private void Multiply(double[] vector, double[] product)
    {
        for (int i = 0; i < _size; i++) product[i] = Vectors.Dot(_matrix.AsSpan(i * _size, _size), vector);
    }

    private static int Nearest(double value, int top) => (int)Math.Clamp(Math.Round(value), -top, top);
}
