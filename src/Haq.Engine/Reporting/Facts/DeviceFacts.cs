using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>The best candidates of the search as whole files on the device.</summary>
public sealed record DeviceFacts
{
    /// <summary>What measured them: the command's program or host, and the beginning of its digest. The command itself may hold what nobody else is to read.</summary>
    public required string By { get; init; }

    /// <summary>Rounds, in each of which every candidate was measured once.</summary>
    public int Rounds { get; init; }

    /// <summary>What a candidate must have on the search set to be taken, in percent of the metric.</summary>
    public double LeastQuality { get; init; }

    /// <summary>Latency of the chosen one as the cost model predicts it.</summary>
    public double PredictedMs { get; init; }

    /// <summary>Latency of the chosen one as it was measured: the median of the rounds.</summary>
    public double MeasuredMs { get; init; }

    /// <summary>Between the fastest and the slowest round of the chosen one.</summary>
    public double SpreadMs { get; init; }

    /// <summary>Those that were measured, the search's own choice first.</summary>
    public ImmutableArray<DeviceCandidate> Candidates { get; init; } = [];
}

/// <summary>A candidate on the device.</summary>
public sealed record DeviceCandidate
{
    /// <summary>SHA-256 of its policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Mean width of its weights, over layers.</summary>
    public double WeightBits { get; init; }

    /// <summary>Mean width of its activations, over layers.</summary>
    public double ActivationBits { get; init; }

    /// <summary>The figure that limits go by, in percent, on the search set.</summary>
    public double Quality { get; init; }

    /// <summary>It keeps the accuracy that was asked for.</summary>
    public bool KeepsAccuracy { get; init; }

    /// <summary>Latency as the cost model predicts it.</summary>
    public double PredictedMs { get; init; }

    /// <summary>Latency as it was measured: the median of the rounds.</summary>
    public double MeasuredMs { get; init; }

    /// <summary>Between its fastest and its slowest round.</summary>
    public double SpreadMs { get; init; }

    /// <summary>Energy of a run as it was measured; null where the device does not tell.</summary>
    public double? EnergyMj { get; init; }

    /// <summary>It is what the file holds.</summary>
    public bool IsChosen { get; init; }
}
