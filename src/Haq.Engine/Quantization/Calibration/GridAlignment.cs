namespace Haq.Engine.Quantization.Calibration;

/// <summary>Moves a grid a little so that frequent values lie on it.</summary>
internal static class GridAlignment
{
    /// <summary>How far the scale may move, as a factor: enough that a value of at least one scale is always within reach, as v/k and v/(k+1) are at most a factor 2 apart.</summary>
    private const double Reach = 1.45;

    /// <summary>The grid of least weighted error among <paramref name="start"/> and those near it that hold one of the spikes exactly.</summary>
    public static Quantizer Align(GridError error, Quantizer start)
    {
        var (best, least) = (start, error.Of(start));
        foreach (float spike in error.Spikes)
        {
            double units = Math.Abs(spike) / (double)start.Scale;
            for (int k = Math.Max(1, (int)Math.Floor(units / Reach)); k <= Math.Ceiling(units * Reach); k++)
            {
                float scale = (float)(Math.Abs((double)spike) / k);
                if (scale > start.Scale * Reach || scale < start.Scale / Reach) continue;
                var candidate = new Quantizer(scale, start.ZeroPoint, start.Range);
                double e = error.Of(candidate);
                if (e < least) (best, least) = (candidate, e);
            }
        }
        return best;
    }
}
