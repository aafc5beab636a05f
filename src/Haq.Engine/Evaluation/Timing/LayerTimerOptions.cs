namespace Haq.Engine.Evaluation.Timing;

/// <summary>How layers are timed.</summary>
public sealed record LayerTimerOptions
{
    /// <summary>Threads inside one operator.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Runs of each kind before the clock starts.</summary>
    public int WarmUp { get; init; } = 3;

    /// <summary>Least number of timed runs of each kind.</summary>
    public int LeastRuns { get; init; } = 9;

    /// <summary>Greatest number of timed runs of each kind.</summary>
    public int MostRuns { get; init; } = 200;

    /// <summary>Runs go on until both kinds together took this long.</summary>
    public TimeSpan LeastTime { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>The usual way.</summary>
    public static LayerTimerOptions Default { get; } = new();
}
