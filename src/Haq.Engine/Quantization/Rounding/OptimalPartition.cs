namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// The partition of sorted values into k runs of least squared error, by dynamic programming. The best last boundary moves up with the end, so that divide and conquer needs k·m·log m errors
/// (Grønlund et al., Fast exact k-means in 1D, 2017).
/// </summary>
internal static class OptimalPartition
{
    // Boundaries that are considered; with more values than that, they lie evenly among them, and errors are still exact.
    private const int MostBoundaries = 2048;

    /// <summary>The centres of the runs, ascending; at most <paramref name="clusters"/>.</summary>
    public static double[] Centres(SortedSums values, int clusters)
    {
        int m = Math.Min(values.Count, MostBoundaries);
        int[] at = [.. Enumerable.Range(0, m + 1).Select(i => (int)((long)i * values.Count / m))];
        int k = Math.Min(clusters, m);
        double[] before = new double[m + 1], now = new double[m + 1];
        int[][] from = [.. Enumerable.Range(0, k).Select(_ => new int[m + 1])];
        Array.Fill(before, double.PositiveInfinity);
        before[0] = 0;
        for (int c = 0; c < k; c++)
        {
            now[0] = 0;
            Fill(1, m, 0, m - 1);
            (before, now) = (now, before);

            void Fill(int first, int last, int low, int high)
            {
                if (first > last) return;
                int end = (first + last) / 2;
                (double least, int best) = (double.PositiveInfinity, low);
                for (int start = low; start <= Math.Min(high, end - 1); start++)
                {
                    double error = before[start] + Within(values, at[start], at[end]);
                    if (error < least) (least, best) = (error, start);
                }
                (now[end], from[c][end]) = (least, best);
                Fill(first, end - 1, low, best);
                Fill(end + 1, last, best, high);
            }
        }
        var centres = new List<double>(k);
        for (int c = k - 1, end = m; c >= 0 && end > 0; end = from[c--][end])
            if (values.Mean(at[from[c][end]], at[end]) is { } centre) centres.Add(centre);
        centres.Reverse();
        return [.. centres.Distinct()];
    }

    private static double Within(SortedSums values, int from, int to) => values.Mean(from, to) is { } centre ? values.Error(from, to, centre) : 0;
}
