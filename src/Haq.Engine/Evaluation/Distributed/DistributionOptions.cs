namespace Haq.Engine.Evaluation.Distributed;

/// <summary>How work is given out, and how long anything may take. Nothing here changes a score.</summary>
public sealed record DistributionOptions
{
    /// <summary>The fewest batches that are worth making a network ready for.</summary>
    public int LeastBatches { get; init; } = 4;

    /// <summary>How often a batch is given out again after it was lost, before the search gives up.</summary>
    public int MostLosses { get; init; } = 5;

    /// <summary>How long one piece of work may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long to wait for a worker where there is none.</summary>
    public TimeSpan WorkerWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Work that takes this many times as long as its like is given to an idle worker as well.</summary>
    public double Late { get; init; } = 4;

    /// <summary>No work is late before this.</summary>
    public TimeSpan NeverLate { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many sample scores are kept for races that are still to come; about 64 bytes each.</summary>
    public long KeptScores { get; init; } = 2_000_000;

    /// <summary>Is told what is waited for.</summary>
    public IProgress<string>? Messages { get; init; }
}
