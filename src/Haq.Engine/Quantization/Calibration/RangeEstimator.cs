using Haq.Engine.Layers;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>
/// Chooses a quantizer for a distribution: unsigned where no value is negative, otherwise with a zero point. Zero is always on the grid; frequent other values (a constant
/// background) are put on it too where a grid nearby holds them, because their error is the same everywhere and does not average out in the layers that follow.
/// </summary>
public static class RangeEstimator
{
    /// <summary>The percentile unless said otherwise, in percent.</summary>
    public const double UsualPercentile = 99.99;

    /// <summary>The quantizer for <paramref name="histogram"/> at a width.</summary>
    /// <param name="histogram">What was seen.</param>
    /// <param name="bits">The width.</param>
    /// <param name="method">How the range is chosen; beyond 8 bits it is all that was seen.</param>
    /// <param name="percentile">For <see cref="RangeMethod.Percentile"/>: the share of the values, in percent, that lies below the upper end (and
    /// above the lower one where values have both signs).</param>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public static Quantizer Estimate(StreamedHistogram histogram, Bitwidth bits, RangeMethod method, double percentile = UsualPercentile)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        var range = IntegerRange.Unsigned(bits);
        float low = Math.Min(0, histogram.Min), high = Math.Max(0, histogram.Max);
        if (low == high) return new Quantizer(1, 0, range);
        // With 65,536 levels there is nothing to be had from clipping that what is clipped would not cost.
        if (method == RangeMethod.Max || bits > Bitwidth.Eight) return Grid.Spanning(low, high, range);

        var error = new GridError(histogram);
        var start = method switch
        {
            RangeMethod.Percentile => Grid.Spanning(
                low < 0 ? Math.Min(0, histogram.Percentile(1 - percentile / 100)) : 0, Math.Max(0, histogram.Percentile(percentile / 100)), range, high),
            RangeMethod.Kl => Spanning(low, high, KlThreshold.Find(histogram, range.Levels), range),
            _ => MseSearch.Find(error, low, high, range),
        };
        return error.HasSpikes ? GridAlignment.Align(error, start) : start;
    }

    private static Quantizer Spanning(float low, float high, float threshold, IntegerRange range) =>
        Grid.Spanning(Math.Max(low, -threshold), Math.Min(high, threshold), range);
}
