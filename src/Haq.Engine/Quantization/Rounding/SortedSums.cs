namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Numbers in ascending order with their sums kept cumulatively, so that mean and squared error of any run of neighbours take constant time. On a line
/// a cluster is such a run, which makes a pass of k-means cost k·log n in place of k·n.
/// </summary>
internal sealed class SortedSums
{
    private readonly double[] _values;
    private readonly double[] _sums, _squares;
    private readonly double _origin;

    /// <summary>Takes <paramref name="ascending"/> numbers.</summary>
    public SortedSums(ReadOnlySpan<float> ascending)
    {
        int n = ascending.Length;
        (_values, _sums, _squares) = (new double[n], new double[n + 1], new double[n + 1]);
        double sum = 0;
        foreach (float value in ascending) sum += value;
        // Around the mean, so that squares of nearly equal numbers do not cancel.
        _origin = sum / n;
        for (int i = 0; i < n; i++)
        {
            double x = _values[i] = ascending[i] - _origin;
            (_sums[i + 1], _squares[i + 1]) = (_sums[i] + x, _squares[i] + x * x);
        }
    }

    /// <summary>How many numbers there are.</summary>
    public int Count => _values.Length;

    /// <summary>One of them, measured from the mean of all.</summary>
    public double this[int index] => _values[index];

    /// <summary>The mean of [from, to); null where that is empty.</summary>
    public double? Mean(int from, int to) => to > from ? (_sums[to] - _sums[from]) / (to - from) : null;

    /// <summary>The squared distances of [from, to) from a point.</summary>
    public double Error(int from, int to, double point) =>
        Math.Max(0, _squares[to] - _squares[from] - 2 * point * (_sums[to] - _sums[from]) + point * point * (to - from));

    /// <summary>How many numbers are at most <paramref name="threshold"/>.</summary>
    public int CountUpTo(double threshold)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_values[middle] <= threshold) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The first index of [from, to) up to which, itself included, the error from a point exceeds <paramref name="share"/>.</summary>
    public int IndexAtError(int from, int to, double point, double share)
    {
        int low = from, high = to - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Error(from, middle + 1, point) > share) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>A point as a number on the original line.</summary>
    public float ToValue(double point) => (float)(point + _origin);
}
