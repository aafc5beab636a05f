namespace Haq.Engine.Search;

/// <summary>How long the steps of a search will still take: as long as the last ones of their kind did, in the median, so that neither warming up nor a pause of the machine foretells hours.</summary>
internal sealed class TimeLeft
{
    private const int Remembered = 21, FewestOfAnEstimate = 5;

    private readonly Queue<TimeSpan> _probes = new(), _candidates = new();
    private TimeSpan _before;

    /// <summary>Probes so far.</summary>
    public int Probes { get; private set; }

    /// <summary>A step ended at <paramref name="now"/>, counted from the beginning of the search; what lies between two steps is the second one's.</summary>
    public void Add(bool isProbe, TimeSpan now)
    {
        if (isProbe) Probes++;
        var steps = isProbe ? _probes : _candidates;
        steps.Enqueue(now - _before);
        if (steps.Count > Remembered) steps.Dequeue();
        _before = now;
    }

    /// <summary>
    /// The time for so many <paramref name="probes"/>, and <paramref name="steps"/> of either kind after them, which count as the slower kind; null
    /// where there are too few steps to tell.
    /// </summary>
    public TimeSpan? Estimate(int probes, int steps)
    {
        if ((Median(_probes) ?? Median(_candidates)) is not { } probe) return null;
        var step = Median(_candidates) is { } candidate && candidate > probe ? candidate : probe;
        return probes * probe + steps * step;
    }

    private static TimeSpan? Median(Queue<TimeSpan> steps) => steps.Count < FewestOfAnEstimate ? null : steps.Order().ElementAt(steps.Count / 2);
}
