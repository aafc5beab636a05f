using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>The damage that a grid does to a distribution, from its histogram's points.</summary>
internal sealed class GridError
{
    /// <summary>A value is a spike when at least this share of all values is in its bin…</summary>
    private const double SpikeShare = 0.01;

    /// <summary>…and this many times as many as in the bins around it.</summary>
    private const double SpikeProminence = 8;

    /// <summary>
    /// How much heavier a spike's squared error weighs. Errors of scattered values are of both signs and shrink in sums over neighbouring pixels, a background's do not.
    /// </summary>
    private const double SpikeWeight = 8;

    /// <summary>
    /// How much heavier a clipped value's squared error weighs at 8 bits and more, for the same reason: values beyond the range all err to one side,
    /// and together. At 8 bits the finer scale that clipping
    /// buys is worth little. Narrower grids must clip.
    /// </summary>
    private const float ClippedWeight = 8;

    private readonly float[] _values;
    private readonly float[] _weights;
    private readonly List<float> _spikes = [];

    public GridError(StreamedHistogram histogram)
    {
        var points = histogram.Points();
        // Whole vectors: the padding weighs nothing.
        int padded = (points.Count + Vector256<float>.Count - 1) / Vector256<float>.Count * Vector256<float>.Count;
        _values = new float[padded];
        _weights = new float[padded];
        for (int i = 0; i < points.Count; i++)
        {
            double share = (double)points[i].Count / histogram.Count;
            bool spike = share >= SpikeShare && points[i].Count >= SpikeProminence * Around(points, i);
            if (spike) _spikes.Add(points[i].Value);
            _values[i] = points[i].Value;
            _weights[i] = (float)(share * (spike ? SpikeWeight : 1));
        }
    }

    /// <summary>There is a frequent value other than zero.</summary>
    public bool HasSpikes => _spikes.Count > 0;

    /// <summary>The frequent values other than zero, ascending.</summary>
    public IReadOnlyList<float> Spikes => _spikes;

    /// <summary>Weighted mean squared error of rounding and clipping with <paramref name="quantizer"/>.</summary>
    public double Of(Quantizer quantizer)
    {
        // Always eight lanes, so that every machine adds in the same order and chooses the same grid.
        var scale = Vector256.Create(quantizer.Scale);
        var low = Vector256.Create((float)(quantizer.Range.Min - quantizer.ZeroPoint));
        var high = Vector256.Create((float)(quantizer.Range.Max - quantizer.ZeroPoint));
        var outside = scale * 0.5f;
        var clipped = Vector256.Create(quantizer.Range.Max >= byte.MaxValue ? ClippedWeight : 1);
        var sum = Vector256<float>.Zero;
        for (int i = 0; i < _values.Length; i += Vector256<float>.Count)
        {
            var value = Vector256.LoadUnsafe(ref _values[i]);
            var kept = Vector256.Min(Vector256.Max(Vector256.Round(value / scale), low), high) * scale;
            var difference = value - kept;
            var weight = Vector256.LoadUnsafe(ref _weights[i]) * Vector256.ConditionalSelect(Vector256.GreaterThan(Vector256.Abs(difference), outside), clipped, Vector256<float>.One);
            sum += difference * difference * weight;
        }
        return Vector256.Sum(sum);
    }

    private static double Around(IReadOnlyList<(float Value, long Count)> points, int index)
    {
        const int reach = 4;
        long sum = 0;
        int n = 0;
        for (int i = Math.Max(0, index - reach); i <= Math.Min(points.Count - 1, index + reach); i++)
        {
            if (i == index) continue;
            sum += points[i].Count;
            n++;
        }
        return n == 0 ? 0 : (double)sum / n;
    }
}
