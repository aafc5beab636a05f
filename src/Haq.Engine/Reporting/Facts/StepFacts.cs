namespace Haq.Engine.Reporting.Facts;

/// <summary>One step of post-training quantization and what it gained.</summary>
public sealed record StepFacts
{
    /// <summary>For example <c>bias correction</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it did, for example <c>27 convolutions</c>.</summary>
    public string? Detail { get; init; }

    /// <summary>Damage in nats before it; null where not measured.</summary>
    public double? LossBefore { get; init; }

    /// <summary>Damage in nats after it; null where not measured.</summary>
    public double? LossAfter { get; init; }

    /// <summary>Top-1 in percent before it; null where not measured.</summary>
    public double? Top1Before { get; init; }

    /// <summary>Top-1 in percent after it; null where not measured.</summary>
    public double? Top1After { get; init; }

    /// <summary>Standard error of the difference in top-1, sample by sample, in percentage points; null where not measured.</summary>
    public double? StandardError { get; init; }
}
