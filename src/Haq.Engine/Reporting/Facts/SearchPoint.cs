namespace Haq.Engine.Reporting.Facts;

/// <summary>One policy that the search tried.</summary>
public sealed record SearchPoint
{
    /// <summary>Counts from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Its score on the search set, in the search's metric.</summary>
    public required double Score { get; init; }

    /// <summary>The best affordable score so far, this one included.</summary>
    public required double Best { get; init; }

    /// <summary>The damage that the scores predicted; null where there were none.</summary>
    public double? Predicted { get; init; }

    /// <summary>Simulated latency for the batch.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>Null where the target has no energy model.</summary>
    public double? EnergyMj { get; init; }

    /// <summary>Stored parameters.</summary>
    public required double SizeBytes { get; init; }
}
