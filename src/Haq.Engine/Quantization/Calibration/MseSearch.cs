namespace Haq.Engine.Quantization.Calibration;

/// <summary>The grid of least error: a sweep over the clipping point, since the error has several valleys, then two finer sweeps around the best.</summary>
internal static class MseSearch
{
    private const int Steps = 96;
    private const int CoarseSteps = 14;

    /// <summary>The best grid for values in low..high, low ≤ 0 ≤ high.</summary>
    public static Quantizer Find(GridError error, float low, float high, IntegerRange range) =>
        low < 0 && high > 0 ? TwoSided(error, low, high, range) : OneSided(error, low, high, range);

    private static Quantizer OneSided(GridError error, float low, float high, IntegerRange range)
    {
        var best = new Best(error);
        double from = 1.0 / Steps, to = 1, step = 1.0 / Steps;
        for (int round = 0; round < 3; round++)
        {
            double found = best.Share;
            for (double share = to; share >= from - step * 1e-6; share -= step) 
                if (best.Try(Grid.Spanning((float)(low * share), (float)(high * share), range))) found = share;
            best.Share = found;
            (from, to, step) = (Math.Max(step / 8, found - step), Math.Min(1, found + step), step / 8);
        }
        return best.Quantizer;
    }

    private static Quantizer TwoSided(GridError error, float low, float high, IntegerRange range)
    {
        var best = new Best(error);
        (double lowShare, double highShare) = (1, 1);
        double step = 1.0 / CoarseSteps;
        (double fromLow, double toLow, double fromHigh, double toHigh) = (0, 1, 0, 1);
        for (int round = 0; round < 4; round++)
        {
            (double foundLow, double foundHigh) = (lowShare, highShare);
            for (double a = toLow; a >= fromLow - step * 1e-6; a -= step)
            {
                for (double b = toHigh; b >= fromHigh - step * 1e-6; b -= step)
                {
                    if (a > 0 || b > 0)
                        if (best.Try(Grid.Spanning((float)(low * Math.Max(0, a)), (float)(high * Math.Max(0, b)), range))) (foundLow, foundHigh) = (a, b);
                }
            }

            (lowShare, highShare) = (foundLow, foundHigh);
            (fromLow, toLow) = (Math.Max(0, foundLow - step), Math.Min(1, foundLow + step));
            (fromHigh, toHigh) = (Math.Max(0, foundHigh - step), Math.Min(1, foundHigh + step));
            step /= 5;
        }
        return best.Quantizer;
    }

    private sealed class Best(GridError error)
    {
        private double _error = double.PositiveInfinity;

        public Quantizer Quantizer { get; private set; }

        public double Share { get; set; } = 1;

        public bool Try(Quantizer candidate)
        {
            double e = error.Of(candidate);
            if (e >= _error) return false;
            (_error, Quantizer) = (e, candidate);
            return true;
        }
    }
}
