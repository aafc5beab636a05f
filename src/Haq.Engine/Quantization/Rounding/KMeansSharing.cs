using Haq.Engine.Numerics;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Weight sharing of HAQ's model-size mode (Han et al., Deep Compression, 2016): the values of a tensor are replaced by the nearest of 2^b centroids that k-means places where the
/// squared error is least. Centroids are seeded by k-means++ (Arthur and Vassilvitskii, 2007) and moved by Lloyd's algorithm.
/// </summary>
/// <remarks>
/// On a line, clusters are runs of the sorted values. They are sorted once for all widths; with cumulative sums a Lloyd pass then looks up k − 1 boundaries instead of comparing n values
/// with k centroids, and k-means++ draws by bisection: nothing is left that vector instructions could speed up. Seeded starts alone end up to a fifth above the optimum, so that one more start is the
/// exact partition (<see cref="OptimalPartition"/>) over up to 2,048 boundaries, which is the optimum itself for layers of no more weights. Immutable; safe for concurrent use.
/// </remarks>
public sealed class KMeansSharing
{
    private const int Starts = 4, MostPasses = 300;

    private readonly int[] _order;
    private readonly SortedSums _sorted;

    /// <summary>Prepares the values of one tensor.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public KMeansSharing(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty) throw new ArgumentException("there is nothing to share", nameof(values));
        float[] ascending = values.ToArray();
        _order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(ascending, _order);
        _sorted = new SortedSums(ascending);
    }

    /// <summary>The best of several starts.</summary>
    /// <param name="centroids">How many there may be, at least 1; where fewer different values are given, there are fewer.</param>
    /// <param name="random">Decides about the starts.</param>
    /// <param name="indices">The centroid of every value, in the order in which the values were given.</param>
    /// <returns>The centroids, ascending.</returns>
    /// <exception cref="ArgumentException"><paramref name="indices"/> has another length than the values.</exception>
    public float[] Share(int centroids, SeededRandom random, Span<short> indices)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(centroids, 1);
        if (indices.Length != _order.Length) throw new ArgumentException($"{indices.Length} indices for {_order.Length} values", nameof(indices));
        (double[] Points, int[] Ends)? best = null;
        double least = double.PositiveInfinity;
        for (int start = 0; start <= Starts; start++)
        {
            double[] points = start == 0 ? OptimalPartition.Centres(_sorted, centroids) : Seed(centroids, random);
            int[] ends = Lloyd(points);
            double error = Error(points, ends);
            if (error < least) (best, least) = ((points, ends), error);
        }
        var (chosen, bounds) = best!.Value;
        var codebook = new List<float>(chosen.Length);
        for (int c = 0, from = 0; c < chosen.Length; from = bounds[c++])
        {
            if (bounds[c] == from) continue;
            for (int i = from; i < bounds[c]; i++) indices[_order[i]] = (short)codebook.Count;
            codebook.Add(_sorted.ToValue(chosen[c]));
        }
        return [.. codebook];
    }

    /// <summary>k-means++: each next centroid is a value drawn with a chance proportional to its error so far.</summary>
    private double[] Seed(int centroids, SeededRandom random)
    {
        int first = Math.Min(_sorted.Count - 1, (int)(random.NextDouble() * _sorted.Count));
        var points = new List<double>(centroids) { _sorted[first] };
        while (points.Count < centroids)
        {
            int[] ends = Ends(points);
            double total = Error(points, ends);
            if (!(total > 0)) break;
            double share = random.NextDouble() * total;
            int cluster = 0, from = 0;
            for (; cluster + 1 < points.Count; cluster++)
            {
                double error = _sorted.Error(from, ends[cluster], points[cluster]);
                if (share < error) break;
                share -= error;
                from = ends[cluster];
            }
            if (ends[cluster] == from) break;
            double drawn = _sorted[_sorted.IndexAtError(from, ends[cluster], points[cluster], share)];
            int at = points.BinarySearch(drawn);
            // Every value that differs from its centroid was drawn already: what is left is rounding.
            if (at >= 0) break;
            points.Insert(~at, drawn);
        }
        return [.. points];
    }

    /// <summary>Moves every centroid to the mean of what is nearest to it until nothing changes; returns the clusters' ends.</summary>
    private int[] Lloyd(double[] points)
    {
        int[] ends = Ends(points);
        for (int pass = 0; pass < MostPasses; pass++)
        {
            for (int c = 0, from = 0; c < points.Length; from = ends[c++]) points[c] = _sorted.Mean(from, ends[c]) ?? points[c];
            int[] moved = Ends(points);
            if (moved.AsSpan().SequenceEqual(ends)) break;
            ends = moved;
        }
        return ends;
    }

    private int[] Ends(IReadOnlyList<double> points)
    {
        int[] ends = new int[points.Count];
        for (int c = 0; c + 1 < ends.Length; c++) ends[c] = _sorted.CountUpTo((points[c] + points[c + 1]) / 2);
        ends[^1] = _sorted.Count;
        return ends;
    }

    private double Error(IReadOnlyList<double> points, int[] ends)
    {
        double error = 0;
        for (int c = 0, from = 0; c < ends.Length; from = ends[c++]) error += _sorted.Error(from, ends[c], points[c]);
        return error;
    }
}
