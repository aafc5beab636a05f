namespace Haq.Benchmarks.Reproduction.Figures;

/// <summary>What a method has to spend for an accuracy, read off its measured points.</summary>
/// <param name="Cost">The least cost.</param>
/// <param name="IsBound">The method's cheapest point is good enough already: the least cost is this or less.</param>
internal readonly record struct EqualAccuracy(double Cost, bool IsBound)
{
    /// <summary>
    /// The least cost at which <paramref name="accuracy"/> is reached, interpolated in straight lines between points. What a smaller budget allows a greater one allows too, so that a point
    /// that is worse than a cheaper one counts as that one. Nothing is extrapolated; null where no point is good enough.
    /// </summary>
    public static EqualAccuracy? At(double accuracy, IEnumerable<CostPoint> points)
    {
        CostPoint? below = null;
        foreach (var point in points.OrderBy(p => p.Cost).ThenByDescending(p => p.Accuracy))
        {
            if (point.Accuracy >= accuracy)
            {
                if (below is not { } last) return new EqualAccuracy(point.Cost, IsBound: true);
                double share = (accuracy - last.Accuracy) / (point.Accuracy - last.Accuracy);
                return new EqualAccuracy(last.Cost + share * (point.Cost - last.Cost), IsBound: false);
            }
            if (below is not { } best || point.Accuracy > best.Accuracy) below = point;
        }
        return null;
    }
}
