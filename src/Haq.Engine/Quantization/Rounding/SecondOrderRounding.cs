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

    /// <summary>What it holds in memory.</summary>
    internal long Bytes => sizeof(double) * (long)(_matrix.Length + _factor.Length);

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
        if (Ordered(moment, centred) is not var (order, matrix, trace)) return null;
        int n = moment.Size;
        double[] diagonal = [.. Enumerable.Range(0, n).Select(i => matrix[i * n + i])];
        for (double damping = Damping; ; damping *= 10)
        {
            for (int i = 0; i < n; i++) matrix[i * n + i] = diagonal[i] + damping * trace / n;
            if (InverseFactor.Of(matrix, n) is { } factor) return new SecondOrderRounding(n, order, matrix, factor);
        }
    }

    // The most important values first, while the rest can still make up for them.
    private static (int[] Order, double[] Matrix, double Trace)? Ordered(SecondMoment moment, bool centred)
    {
        int n = moment.Size;
        double[] seen = moment.Matrix(centred);
        double trace = 0;
        for (int i = 0; i < n; i++) trace += seen[i * n + i];
        if (!(trace > 0) || !double.IsFinite(trace)) return null;
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => seen[i * n + i])];
        Reorder(seen, order);
        return (order, seen, trace);
    }

    // Rows and columns, in place: a second matrix of a wide layer would take as much as the whole network.
    private static void Reorder(double[] matrix, int[] order)
    {
        int n = order.Length;
        double[] row = new double[n];
        for (int i = 0; i < n; i++)
        {
            var values = matrix.AsSpan(i * n, n);
            for (int j = 0; j < n; j++) row[j] = values[order[j]];
            row.CopyTo(values);
        }
        bool[] isPlaced = new bool[n];
        for (int first = 0; first < n; first++)
        {
            if (isPlaced[first]) continue;
            matrix.AsSpan(first * n, n).CopyTo(row);
            int at = first;
            for (; order[at] != first; at = order[at])
            {
                matrix.AsSpan(order[at] * n, n).CopyTo(matrix.AsSpan(at * n, n));
                isPlaced[at] = true;
            }
            row.CopyTo(matrix.AsSpan(at * n, n));
            isPlaced[at] = true;
        }
    }

    /// <summary>Rounds one channel alone; see <see cref="Round(RoundedChannels, int, bool, bool)"/>.</summary>
    /// <param name="weights">K values.</param>
    /// <param name="scale">The scale to start from.</param>
    /// <param name="top">The greatest integer.</param>
    /// <param name="rounded">The integers.</param>
    /// <param name="keepScale">The scale stays.</param>
    /// <param name="improve">Until nothing helps; otherwise errors are only spread.</param>
    /// <returns>The scale of the integers.</returns>
    public float Round(ReadOnlySpan<float> weights, float scale, int top, Span<short> rounded, bool keepScale = false, bool improve = true)
    {
        var channel = new RoundedChannels(1, _size);
        weights.CopyTo(channel.WeightsOf(0));
        channel.Scales[0] = scale;
        Round(channel, top, keepScale, improve);
        channel.RoundedOf(0).CopyTo(rounded);
        return channel.Scales[0];
    }

    /// <summary>
    /// Rounds channels' weights to integers within ±<paramref name="top"/> and fits their scales, which stay as they are with <paramref name="keepScale"/>, and without <paramref name="improve"/>,
    /// where errors are only spread. Every channel gets the numbers that it would get alone; together they read H, which may be much larger than a cache, once for all of them.
    /// </summary>
    public void Round(RoundedChannels channels, int top, bool keepScale, bool improve)
    {
        ArgumentNullException.ThrowIfNull(channels);
        new ChannelDescent(_size, _order, _matrix, _factor, channels, top).Run(improve, keepScale);
    }
}
