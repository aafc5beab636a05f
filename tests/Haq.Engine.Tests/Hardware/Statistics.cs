namespace Haq.Engine.Tests.Hardware;

/// <summary>Rank correlation.</summary>
internal static class Statistics
{
    /// <summary>Spearman's rank correlation; ties share their mean rank.</summary>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double[] a = Ranks(x), b = Ranks(y);
        double meanA = a.Average(), meanB = b.Average();
        double covariance = a.Zip(b, (p, q) => (p - meanA) * (q - meanB)).Sum();
        return covariance / Math.Sqrt(a.Sum(p => (p - meanA) * (p - meanA)) * b.Sum(q => (q - meanB) * (q - meanB)));
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        double[] ranks = new double[values.Count];
        foreach (var tie in values.Select((v, i) => (v, i)).GroupBy(p => p.v))
        {
            double rank = values.Count(v => v < tie.Key) + (tie.Count() - 1) / 2.0;
            foreach (var (_, i) in tie) ranks[i] = rank;
        }
        return ranks;
    }
}
