namespace Haq.Engine.Search;

/// <summary>How long the steps of a search will still take: as long as the last ones of their kind did, in the median, so that neither warming up nor a pause of the machine foretells hours.</summary>
internal sealed class TimeLeft
{
    private const int Remembered = 21, FewestOfAnEstimate = 5, MostKinds = 100;

    private readonly Queue<TimeSpan> _probes = new(), _candidates = new();
    private readonly Queue<bool> _areProbes = new();
    private TimeSpan _before;

    /// <summary>Probes so far.</summary>
    public int Probes { get; private set; }

    /// <summary>Candidates so far.</summary>
    public int Candidates { get; private set; }

    /// <summary>A step ended at <paramref name="now"/>, counted from the beginning of the search; what lies between two steps is the second one's.</summary>
    public void Add(bool isProbe, TimeSpan now)
    {
        if (isProbe) Probes++;
        else Candidates++;
        _areProbes.Enqueue(isProbe);
        if (_areProbes.Count > MostKinds) _areProbes.Dequeue();
        var steps = isProbe ? _probes : _candidates;
        steps.Enqueue(now - _before);
        if (steps.Count > Remembered) steps.Dequeue();
        _before = now;
    }

    /// <summary>Another phase begins, whose candidates may take a tenth of the time, as most of those that race do: until there are some, they count as probes again.</summary>
    public void BeginPhase() => _candidates.Clear();

    /// <summary>
    /// The time for so many <paramref name="steps"/>: what is left of <paramref name="plannedProbes"/>, then probes and candidates in the shares that they have had lately beyond
    /// those; null where there are too few steps to tell. A search may end before its plan does.
    /// </summary>
    public TimeSpan? Estimate(int plannedProbes, int steps)
    {
        if ((Median(_probes) ?? Median(_candidates)) is not { } probe) return null;
        var candidate = Median(_candidates) ?? probe;
        int scoring = Math.Clamp(plannedProbes - Probes, 0, steps), later = Math.Min(_areProbes.Count, Math.Max(0, Probes - plannedProbes) + Candidates);
        double share = scoring > 0 || later == 0 ? 0 : (double)_areProbes.TakeLast(later).Count(isProbe => isProbe) / later;
        return scoring * probe + (steps - scoring) * (share * probe + (1 - share) * candidate);
    }

    private static TimeSpan? Median(Queue<TimeSpan> steps) => steps.Count < FewestOfAnEstimate ? null : steps.Order().ElementAt(steps.Count / 2);
}
