namespace Haq.Engine.Reporting.Facts;

/// <summary>What may be spent: as the manifest says it, and resolved to absolute figures. Absent where unbounded.</summary>
public sealed record BudgetFacts
{
    /// <summary>As written, for example <c>latency: 0.6x, size: 2 MB</c>.</summary>
    public string? Asked { get; init; }

    /// <summary>Milliseconds for the hardware's batch.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>Millijoules for the hardware's batch.</summary>
    public double? EnergyMj { get; init; }

    /// <summary>Bytes of the model's file.</summary>
    public double? FileBytes { get; init; }

    /// <summary>Bytes of parameters as the target stores them, where a size or a mean width of the weights is bounded: the tighter of the two.</summary>
    public double? SizeBytes { get; init; }

    /// <summary>Mean bits of a weight.</summary>
    public double? EffectiveBits { get; init; }

    /// <summary>Percentage points below the float model.</summary>
    public double? AccuracyDrop { get; init; }
}
