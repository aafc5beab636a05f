namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <summary>
/// Looks at the inputs before figures are written down, as often as that takes at most a twentieth of the time: files cost microseconds and are looked at after every policy, a folder of a
/// million files seconds, so that a few policies wait for each other. For one thread at a time.
/// </summary>
/// <param name="look">Throws where an input changed.</param>
/// <param name="clock">What time is.</param>
internal sealed class RareLook(Action look, TimeProvider clock)
{
    private const int Share = 20;

    // What may be done while somebody waits for the end.
    private static readonly TimeSpan s_atLast = TimeSpan.FromMilliseconds(500);

    private long _last = clock.GetTimestamp();
    private TimeSpan _cost;

    /// <summary>Whether the inputs were looked at now, and are what they were.</summary>
    /// <param name="atLast">There is no later look.</param>
    public bool Looked(bool atLast)
    {
        if (atLast ? _cost > s_atLast : clock.GetElapsedTime(_last) < Share * _cost) return false;
        long start = clock.GetTimestamp();
        look();
        _last = clock.GetTimestamp();
        _cost = clock.GetElapsedTime(start, _last);
        return true;
    }
}
