namespace Haq.Engine.Evaluation.Timing;

/// <summary>How long models race.</summary>
internal sealed record RaceOptions
{
    /// <summary>Ratios within this of each other are taken as equal.</summary>
    public double Margin { get; init; } = 0.02;

    /// <summary>It is enough to know which is faster.</summary>
    public bool IsForSign { get; init; }

    /// <summary>Least number of rounds.</summary>
    public int LeastRounds { get; init; } = 15;

    /// <summary>Greatest number of rounds.</summary>
    public int MostRounds { get; init; } = 400;

    /// <summary>Runs in one reading, at most.</summary>
    public int MostRepeats { get; init; } = 50;

    /// <summary>When to end without an answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(4);
}
