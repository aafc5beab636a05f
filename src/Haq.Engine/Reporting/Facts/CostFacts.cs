using Haq.Engine.Hardware;

namespace Haq.Engine.Reporting.Facts;

/// <summary>What a whole network costs with one policy, for the hardware's batch and per image.</summary>
public sealed record CostFacts
{
    /// <summary>All layers.</summary>
    public required long Cycles { get; init; }

    /// <summary>Without the first and the last layer, as HAQ's Table 3 counts.</summary>
    public required long InnerCycles { get; init; }

    /// <summary>All layers, whole batch.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>Without the first and the last layer, whole batch.</summary>
    public required double InnerLatencyMs { get; init; }

    /// <summary>All layers, one image.</summary>
    public required double LatencyMsPerImage { get; init; }

    /// <summary>Whole batch; null where the target has no energy model.</summary>
    public double? EnergyMj { get; init; }

    /// <summary>One image; null where the target has no energy model.</summary>
    public double? EnergyMjPerImage { get; init; }

    /// <summary>Stored parameters: weights at their bits, everything else as stored.</summary>
    public required double SizeBytes { get; init; }

    /// <summary>The simulator's figures in the report's units.</summary>
    public static CostFacts Of(in NetworkCost cost, int batch) => new()
    {
        Cycles = cost.Cycles,
        InnerCycles = cost.InnerCycles,
        LatencyMs = cost.LatencySeconds * 1e3,
        InnerLatencyMs = cost.InnerLatencySeconds * 1e3,
        LatencyMsPerImage = cost.LatencySeconds * 1e3 / batch,
        EnergyMj = cost.EnergyJoules * 1e3,
        EnergyMjPerImage = cost.EnergyJoules * 1e3 / batch,
        SizeBytes = cost.SizeBits / 8.0,
    };
}
