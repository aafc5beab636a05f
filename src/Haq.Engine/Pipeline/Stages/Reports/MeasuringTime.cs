using System.Diagnostics;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>
/// How long a report goes on measuring what nobody needs to build: a quarter of what the build took until then, two seconds at least; or until all of it is measured, where that was asked for.
/// </summary>
internal sealed class MeasuringTime
{
    private const double Share = 0.25;

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(2);

    private readonly Func<TimeSpan> _elapsed;
    private readonly TimeSpan _limit;

    /// <summary>The time begins now.</summary>
    /// <param name="build">What the build took until now.</param>
    /// <param name="isFull">Without end.</param>
    public MeasuringTime(TimeSpan build, bool isFull)
        : this(build, isFull, Stopwatch.StartNew())
    {
    }

    private MeasuringTime(TimeSpan build, bool isFull, Stopwatch clock)
        : this(isFull ? TimeSpan.MaxValue : build * Share > s_least ? build * Share : s_least, () => clock.Elapsed)
    {
    }

    /// <summary>Time on a clock of the caller's.</summary>
    internal MeasuringTime(TimeSpan limit, Func<TimeSpan> elapsed) => (_limit, _elapsed) = (limit, elapsed);

    /// <summary>Nothing more is to be begun.</summary>
    public bool IsOver => _elapsed() >= _limit;

    /// <summary>Something that takes about <paramref name="expected"/>, or half of all the time where that is not known, ends before the time is over.</summary>
    public bool Admits(TimeSpan? expected) => _limit == TimeSpan.MaxValue || _elapsed() + (expected ?? _limit / 2) <= _limit;

    /// <summary>A share of all the time, for what is measured in any case; no more than <paramref name="most"/>.</summary>
    public TimeSpan Part(double share, TimeSpan most) => _limit == TimeSpan.MaxValue || _limit * share > most ? most : _limit * share;

    /// <summary>The time up to a share of all of it, for one of several measurements.</summary>
    public MeasuringTime UpTo(double share) => _limit == TimeSpan.MaxValue ? this : new(_limit * share, _elapsed);
}
