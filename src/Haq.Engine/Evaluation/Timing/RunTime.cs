namespace Haq.Engine.Evaluation.Timing;

/// <summary>Repeated runs in a few figures.</summary>
/// <param name="MedianSeconds">The middle run.</param>
/// <param name="SpreadSeconds">Between the first and the third quartile.</param>
/// <param name="Runs">Number of runs, without warm-up.</param>
public readonly record struct RunTime(double MedianSeconds, double SpreadSeconds, int Runs)
{
    /// <summary>The figures of some runs; at least one.</summary>
    public static RunTime Of(ReadOnlySpan<double> seconds)
    {
        double[] sorted = seconds.ToArray();
        Array.Sort(sorted);
        return new RunTime(Quantile(sorted, 0.5), Quantile(sorted, 0.75) - Quantile(sorted, 0.25), sorted.Length);
    }

    // Linear between the neighbours.
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
    }
}
