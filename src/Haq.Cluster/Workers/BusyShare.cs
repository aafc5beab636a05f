namespace Haq.Cluster.Workers;

/// <summary>Which share of the time that its threads had a worker was at work in, over the last minute. For several callers.</summary>
internal sealed class BusyShare(int threads, TimeProvider time)
{
    private const double Window = 60, Step = 1;

    private readonly Lock _lock = new();
    private readonly List<(double At, double Busy)> _marks = [(0, 0)];
    private readonly long _start = time.GetTimestamp();
    private double _at, _busy;
    private int _running;

    /// <summary>A piece of work gets a thread.</summary>
    public void Begin() => Change(1);

    /// <summary>It has none any more.</summary>
    public void End() => Change(-1);

    /// <summary>The share now, 0..1.</summary>
    public double Now
    {
        get
        {
            lock (_lock)
            {
                Advance();
                double from = Math.Max(0, _at - Window);
                return _at > from ? Math.Clamp((_busy - BusyUntil(from)) / ((_at - from) * threads), 0, 1) : 0;
            }
        }
    }

    private void Change(int difference)
    {
        lock (_lock)
        {
            Advance();
            _running += difference;
        }
    }

    private void Advance()
    {
        double now = time.GetElapsedTime(_start).TotalSeconds;
        _busy += _running * (now - _at);
        _at = now;
        if (now - _marks[^1].At < Step) return;
        _marks.Add((now, _busy));
        int old = _marks.FindLastIndex(m => m.At <= now - Window);
        if (old > 0) _marks.RemoveRange(0, old);
    }

    // Between two marks as if the threads had been equally busy all the time.
    private double BusyUntil(double moment)
    {
        var before = _marks.FindLast(m => m.At <= moment);
        int next = _marks.FindIndex(m => m.At > moment);
        var after = next < 0 ? (At: _at, Busy: _busy) : _marks[next];
        return after.At > before.At ? before.Busy + (after.Busy - before.Busy) * (moment - before.At) / (after.At - before.At) : before.Busy;
    }
}
