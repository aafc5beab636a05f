namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// One rounding of a few channels: errors spread over what is not rounded yet, coordinate descent on the integers and least squares for the scale, in turn, from several scales to
/// start with. A row of H is read once for all channels; the sums of each are in the order in which it alone would have them. H is multiplied with the weights, once, and with the errors that
/// each scale begins with: of integers q and a gradient H(w − sq) another scale's gradient follows.
/// </summary>
internal sealed class ChannelDescent
{
    private const int Passes = 4, SpreadTogether = 32;
    private const double Least = 0.999;

    private readonly int _size;
    private readonly int[] _order;
    private readonly double[] _matrix;
    private readonly double[] _factor;
    private readonly RoundedChannels _channels;
    private readonly int _top;
    private readonly double[][] _weights;
    private readonly double[][] _products;
    private readonly int[][] _integers;
    private readonly double[][] _errors;
    private readonly double[][] _gradients;
    private readonly float[] _scales;
    private readonly double[] _least;
    private readonly PairedVectors _paired;

    public ChannelDescent(int size, int[] order, double[] matrix, double[] factor, RoundedChannels channels, int top)
    {
        (_size, _order, _matrix, _factor, _channels, _top) = (size, order, matrix, factor, channels, top);
        int count = channels.Count;
        (_weights, _products, _errors, _gradients) = (Rows(count), Rows(count), Rows(count), Rows(count));
        _integers = [.. Enumerable.Range(0, count).Select(_ => new int[size])];
        (_scales, _least, _paired) = (new float[count], new double[count], new PairedVectors(size, count));
        for (int c = 0; c < count; c++)
        {
            var given = channels.WeightsOf(c);
            for (int i = 0; i < size; i++) _weights[c][i] = given[order[i]];
        }
    }

    public void Run(bool improve, bool keepScale)
    {
        float[] start = [.. _channels.Scales];
        if (!improve)
        {
            start.CopyTo(_scales, 0);
            Spread();
            for (int c = 0; c < start.Length; c++) Keep(c);
            return;
        }
        if (!keepScale) Multiply([.. Enumerable.Range(0, start.Length)], _weights, _products);
        double[] best = [.. start.Select(_ => double.PositiveInfinity)];
        foreach (double factor in keepScale ? [1] : ScaleFactors())
        {
            for (int c = 0; c < start.Length; c++) _scales[c] = (float)(start[c] * factor);
            Spread();
            Improve(keepScale);
            for (int c = 0; c < start.Length; c++)
            {
                if (_least[c] >= best[c]) continue;
                best[c] = _least[c];
                Keep(c);
            }
        }
    }

    private double[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => new double[_size])];

    private void Keep(int channel)
    {
        var rounded = _channels.RoundedOf(channel);
        int[] integers = _integers[channel];
        for (int i = 0; i < _size; i++) rounded[_order[i]] = (short)integers[i];
        _channels.Scales[channel] = _scales[channel];
    }

    /// <summary>Small channels are cheap to round, and their scales matter more: try several.</summary>
    private ReadOnlySpan<double> ScaleFactors() => _size <= 32 ? [1, 0.94, 1.06, 0.88, 1.12, 0.8, 1.2] : _size <= 512 ? [1, 0.93, 1.07] : [1];

    private void Spread()
    {
        // What is left of the weights stands where gradients come to stand later.
        for (int c = 0; c < _scales.Length; c++) _weights[c].CopyTo(_gradients[c], 0);
        Span<double> factors = stackalloc double[SpreadTogether];
        for (int from = 0; from < _size; from += SpreadTogether)
        {
            int to = Math.Min(_size, from + SpreadTogether);
            for (int c = 0; c < _scales.Length; c++)
            {
                double[] left = _gradients[c];
                for (int i = from; i < to; i++)
                {
                    int integer = _integers[c][i] = Nearest(left[i] / _scales[c]);
                    factors[i - from] = -((left[i] - integer * (double)_scales[c]) / _factor[i * _size + i]);
                    Vectors.AddScaled(left.AsSpan(i + 1, to - i - 1), _factor.AsSpan(i * _size + i + 1, to - i - 1), factors[i - from]);
                }
                // What lies behind these values gets what all of them owe at once.
                if (to < _size) RowSums.Add(left.AsSpan(to), _factor.AsSpan(from * _size + to), _size, factors[..(to - from)], 1);
            }
        }
    }

    /// <summary>Leaves Δw·H·Δwᵀ of each channel in <see cref="_least"/>.</summary>
    private void Improve(bool keepScale)
    {
        int[] active = [.. Enumerable.Range(0, _scales.Length)];
        double[] before = [.. active.Select(_ => double.PositiveInfinity)];
        Compare(active);
        for (int pass = 0; pass < Passes && active.Length > 0; pass++)
        {
            Descend(active);
            foreach (int c in active) _least[c] = Vectors.Dot(_errors[c], _gradients[c]);
            active = [.. active.Where(c => _least[c] < before[c] * Least)];
            foreach (int c in active)
            {
                before[c] = _least[c];
                if (!keepScale) Fit(c);
            }
        }
        foreach (int c in active) _least[c] = Vectors.Dot(_errors[c], _gradients[c]);
    }

    private void Compare(int[] active)
    {
        foreach (int c in active)
            for (int i = 0; i < _size; i++) _errors[c][i] = _weights[c][i] - _integers[c][i] * (double)_scales[c];
        Multiply(active, _errors, _gradients);
    }

    /// <summary>One pass over the integers: each becomes the best given the others.</summary>
    private void Descend(int[] active)
    {
        for (int i = 0; i < _size; i++)
        {
            double diagonal = _matrix[i * _size + i];
            foreach (int c in active)
            {
                double error = _errors[c][i], gradient = _gradients[c][i];
                // The error of value i that would be best if it were free.
                double free = error - gradient / diagonal;
                int integer = _integers[c][i], better = Nearest((_weights[c][i] - free) / _scales[c]);
                if (better == integer) continue;
                double change = (integer - better) * (double)_scales[c];
                if (change * (2 * gradient + change * diagonal) >= 0) continue;
                _integers[c][i] = better;
                _errors[c][i] = error + change;
                Vectors.AddScaled(_gradients[c], _matrix.AsSpan(i * _size, _size), change);
            }
        }
    }

    /// <summary>The scale of least error for given integers, wHqᵀ / qHqᵀ, with Hq = (Hw − H(w − sq)) / s; errors and gradients become those of that scale.</summary>
    private void Fit(int channel)
    {
        double[] weights = _weights[channel], products = _products[channel], errors = _errors[channel], gradients = _gradients[channel];
        int[] integers = _integers[channel];
        double scale = _scales[channel];
        for (int i = 0; i < _size; i++) (errors[i], gradients[i]) = (integers[i], (products[i] - gradients[i]) / scale);
        double denominator = Vectors.Dot(errors, gradients);
        float fitted = denominator > 0 ? (float)(Vectors.Dot(weights, gradients) / denominator) : 0;
        if (fitted > 0) scale = _scales[channel] = fitted;
        for (int i = 0; i < _size; i++) (errors[i], gradients[i]) = (weights[i] - integers[i] * scale, products[i] - scale * gradients[i]);
    }

    /// <summary>H times a vector of each channel.</summary>
    private void Multiply(int[] active, double[][] vectors, double[][] results)
    {
        _paired.Put([.. active.Select(c => vectors[c])]);
        _paired.Multiply(_matrix, [.. active.Select(c => results[c])]);
    }

    private int Nearest(double value) => (int)Math.Clamp(Math.Round(value), -_top, _top);
}
