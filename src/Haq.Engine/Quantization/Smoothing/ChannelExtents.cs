using System.Numerics.Tensors;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>Between which values each channel of a tensor lies, and how much it varies, gathered batch by batch. Not safe for concurrent use.</summary>
internal sealed class ChannelExtents(int channels)
{
    /// <summary>Other samples reach further than those seen: so many standard deviations of what one sample reaches are allowed for.</summary>
    private const double Deviations = 3;

    private readonly double[] _sums = new double[channels], _squares = new double[channels];
    private readonly Reach[] _low = new Reach[channels], _high = new Reach[channels];
    private readonly float[] _least = new float[channels], _greatest = new float[channels];
    private long _perChannel, _samples;

    /// <summary>Number of channels.</summary>
    public int Channels => channels;

    /// <summary>Every value was finite, and there was one.</summary>
    public bool IsUsable => _perChannel > 0 && _squares.All(double.IsFinite) && _low.All(r => double.IsFinite(r.Squares)) && _high.All(r => double.IsFinite(r.Squares));

    /// <summary>The least of all values seen.</summary>
    public double Least => _low.Min(r => r.Most);

    /// <summary>The greatest of all values seen.</summary>
    public double Greatest => _high.Max(r => r.Most);

    /// <summary>The value that a channel hardly falls below, on other samples too.</summary>
    public double Low(int channel) => Math.Min(_low[channel].Most, _low[channel].Mean(_samples) - Deviations * _low[channel].Deviation(_samples));

    /// <summary>The value that a channel hardly rises above, on other samples too.</summary>
    public double High(int channel) => Math.Max(_high[channel].Most, _high[channel].Mean(_samples) + Deviations * _high[channel].Deviation(_samples));

    /// <summary>The variance of a channel. What never changes tells nothing: it is variation that has to survive.</summary>
    public double Variance(int channel)
    {
        double mean = _sums[channel] / _perChannel;
        return Math.Max(0, _squares[channel] / _perChannel - mean * mean);
    }

    /// <summary>Adds values of shape [<paramref name="samples"/>, …, channels, <paramref name="inner"/>].</summary>
    public void Add(ReadOnlySpan<float> values, int inner, int samples)
    {
        // A tensor of detections or picked rows may be empty for some samples.
        if (values.IsEmpty) return;
        for (int size = values.Length / samples; !values.IsEmpty; values = values[size..]) Add(values[..size], inner);
    }

    private void Add(ReadOnlySpan<float> sample, int inner)
    {
        _least.AsSpan().Fill(float.PositiveInfinity);
        _greatest.AsSpan().Fill(float.NegativeInfinity);
        for (int from = 0, c = 0; from < sample.Length; from += inner, c = c + 1 == channels ? 0 : c + 1)
        {
            var row = sample.Slice(from, inner);
            bool single = inner == 1;
            _least[c] = Math.Min(_least[c], single ? row[0] : TensorPrimitives.Min(row));
            _greatest[c] = Math.Max(_greatest[c], single ? row[0] : TensorPrimitives.Max(row));
            _sums[c] += single ? row[0] : TensorPrimitives.Sum(row);
            _squares[c] += single ? (double)row[0] * row[0] : TensorPrimitives.SumOfSquares(row);
        }
        for (int c = 0; c < channels; c++)
        {
            _low[c].Add(_least[c], _samples == 0 ? _least[c] : Math.Min(_low[c].Most, _least[c]));
            _high[c].Add(_greatest[c], _samples == 0 ? _greatest[c] : Math.Max(_high[c].Most, _greatest[c]));
        }
        _perChannel += sample.Length / channels;
        _samples++;
    }

    /// <summary>What the samples reach at one end: the furthest, and the sums that give mean and deviation.</summary>
    private struct Reach
    {
        private double _sum;

        public double Most { get; private set; }

        public double Squares { get; private set; }

        public void Add(double value, double most)
        {
            _sum += value;
            Squares += value * value;
            Most = most;
        }

        public readonly double Mean(long count) => _sum / count;

        // Unbiased; a single sample tells nothing about others.
        public readonly double Deviation(long count) => count < 2 ? 0 : Math.Sqrt(Math.Max(0, (Squares - _sum * _sum / count) / (count - 1)));
    }
}
