namespace Haq.Engine.Quantization;

/// <summary>Quantizers from the ends of a range.</summary>
internal static class Grid
{
    /// <summary>The grid that spans low..high (low ≤ 0 ≤ high) with zero on it; an empty span becomes 0..<paramref name="instead"/>.</summary>
    public static Quantizer Spanning(float low, float high, IntegerRange range, float instead = 1)
    {
        if (low == high) high = instead;
        // In double, then rounded once: the top of a range of k levels is k·scale to the last bit wherever float32 can say so.
        float scale = Positive(((double)high - low) / (range.Levels - 1));
        return WithScale(scale, low, range);
    }

    /// <summary>The grid of a given scale whose lowest value is as near to <paramref name="low"/> as the scale allows.</summary>
    public static Quantizer WithScale(float scale, float low, IntegerRange range)
    {
        int zeroPoint = (int)Math.Clamp(range.Min - Math.Round(low / (double)scale), range.Min, range.Max);
        return new Quantizer(scale, zeroPoint, range);
    }

    private static float Positive(double scale) => (float)Math.Max(scale, 1e-30);
}
