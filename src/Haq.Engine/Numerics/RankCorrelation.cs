namespace Haq.Engine.Numerics;

/// <summary>How well one list of numbers puts things into the order of another.</summary>
public static class RankCorrelation
{
    /// <summary>
    /// Spearman's ρ: the correlation of the ranks, −1..1; equal numbers share the mean of their ranks. NaN where a list is constant or has fewer than two numbers.
    /// </summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) throw new ArgumentException($"{x.Length} numbers beside {y.Length}", nameof(y));
        double[] a = Ranks(x), b = Ranks(y);
        double mean = (x.Length + 1) / 2.0, both = 0, first = 0, second = 0;
        for (int i = 0; i < a.Length; i++)
        {
            both += (a[i] - mean) * (b[i] - mean);
            first += (a[i] - mean) * (a[i] - mean);
            second += (b[i] - mean) * (b[i] - mean);
        }
        return both / Math.Sqrt(first * second);
    }

    private static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = new int[sorted.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(sorted, order);
        double[] ranks = new double[sorted.Length];
        for (int from = 0, to; from < sorted.Length; from = to)
        {
            for (to = from + 1; to < sorted.Length && sorted[to] == sorted[from]; to++) { }
            for (int i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2.0;
        }
        return ranks;
    }
}
