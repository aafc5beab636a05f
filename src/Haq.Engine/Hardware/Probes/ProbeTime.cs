namespace Haq.Engine.Hardware.Probes;

/// <summary>How long a probe took.</summary>
/// <param name="Probe">Its name.</param>
/// <param name="Seconds">Of one run, the median of several.</param>
/// <param name="Spread">Seconds between the first and the third quartile of the runs; null where it is not known.</param>
/// <param name="Joules">Energy of one run; null where it is not known.</param>
public readonly record struct ProbeTime(string Probe, double Seconds, double? Spread, double? Joules)
{
    /// <summary>The median of several runs, and how far they lie apart.</summary>
    public static ProbeTime Of(string probe, IReadOnlyList<double> seconds, double? joules = null)
    {
        double[] sorted = [.. seconds.Order()];
        return new ProbeTime(probe, Quantile(sorted, 0.5), sorted.Length > 1 ? Quantile(sorted, 0.75) - Quantile(sorted, 0.25) : null, joules);
    }

    // Linear between the neighbours.
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
    }
}
