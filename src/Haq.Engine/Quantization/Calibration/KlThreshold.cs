namespace Haq.Engine.Quantization.Calibration;

/// <summary>
/// The clipping threshold whose quantized distribution is nearest to the original by Kullback-Leibler divergence (S. Migacz, "8-bit inference with TensorRT", 2017),
/// on magnitudes, for any number of levels. Exact zeros are left out: no threshold moves them.
/// </summary>
internal static class KlThreshold
{
    private const int MaxBins = 2048;

    /// <summary>The bins span this many times the magnitude that all but 0.01 % of the values keep to, so that an outlier does not coarsen them.</summary>
    private const double SpanBeyondBulk = 2;

    /// <summary>The probability that the quantized distribution is taken to give to a bin that it leaves empty.</summary>
    private const double Empty = 1e-6;

    /// <summary>The threshold, greater than zero.</summary>
    public static float Find(StreamedHistogram histogram, int levels)
    {
        double bulk = Math.Max(-(double)histogram.Percentile(0.00005), histogram.Percentile(0.99995));
        double top = Math.Max(-(double)histogram.Min, histogram.Max);
        if (bulk > 0) top = Math.Min(top, SpanBeyondBulk * bulk);
        int bins = (int)Math.Min(MaxBins, top / histogram.BinWidth);
        if (levels >= bins) return (float)top;
        double[] counts = new double[bins];
        foreach (var (value, count) in histogram.Points()) counts[Math.Min(bins - 1, (int)(Math.Abs(value) / top * bins))] += count;
        double[] below = new double[bins + 1];
        for (int i = 0; i < bins; i++) below[i + 1] = below[i] + counts[i];

        (int best, double least) = (bins, double.PositiveInfinity);
        for (int kept = levels; kept <= bins; kept++)
        {
            double divergence = Divergence(counts, below, kept, levels);
            if (divergence < least) (best, least) = (kept, divergence);
        }
        return (float)(top * best / bins);
    }

    private static double Divergence(double[] counts, double[] below, int kept, int levels)
    {
        double total = below[^1], inside = below[kept];
        if (inside == 0) return double.PositiveInfinity;
        double divergence = 0;
        for (int level = 0; level < levels; level++)
        {
            int from = (int)((long)level * kept / levels), to = (int)((long)(level + 1) * kept / levels);
            int filled = 0;
            for (int i = from; i < to; i++)
                if (counts[i] > 0) filled++;
            if (filled == 0) continue;
            // The level's mass, spread evenly over the bins that hold something.
            double q = (below[to] - below[from]) / filled / inside;
            for (int i = from; i < to; i++)
            {
                if (counts[i] == 0) continue;
                double p = (counts[i] + (i == kept - 1 ? total - inside : 0)) / total;
                divergence += p * Math.Log(p / q);
            }
        }
        double clipped = (total - inside) / total;
        return counts[kept - 1] == 0 && clipped > 0 ? divergence + clipped * Math.Log(clipped / Math.Min(Empty, clipped)) : divergence;
    }
}
