namespace Haq.Engine.Reporting.Facts;

/// <summary>The headline: the chosen policy against uniform 8 bit (all layers) and against the float model. Derived, so never contradictory.</summary>
public sealed record GainFacts
{
    /// <summary>Latency over that of 8 bit; 0.6 is 40 % less.</summary>
    public double? LatencyVs8Bit { get; init; }

    /// <summary>Energy over that of 8 bit; null without an energy model.</summary>
    public double? EnergyVs8Bit { get; init; }

    /// <summary>Parameter bytes as the target stores them over those at 8 bit.</summary>
    public double? SizeVs8Bit { get; init; }

    /// <summary>Parameter bytes as the target stores them over the float model's.</summary>
    public double? SizeVsFloat { get; init; }

    /// <summary>Bytes of the quantized model's file over the float model's, external data included; null where one is unknown.</summary>
    public double? FileVsFloat { get; init; }

    /// <summary>Mean bits of a weight over all quantized layers.</summary>
    public double? EffectiveBits { get; init; }

    /// <summary>What <see cref="AccuracyVsFloat"/> and <see cref="AccuracyVs8Bit"/> are differences of: <c>top1</c>, <c>top5</c>, <c>agreement</c> or <c>cosine</c>.</summary>
    public string? AccuracyMetric { get; init; }

    /// <summary>Percentage points against the float model; negative is a loss.</summary>
    public double? AccuracyVsFloat { get; init; }

    /// <summary>Percentage points against uniform 8 bit; null where that was not measured.</summary>
    public double? AccuracyVs8Bit { get; init; }

    /// <summary>The most accurate uniform policy that keeps the budget; null where nothing was searched or none was measured.</summary>
    public string? Uniform { get; init; }

    /// <summary>Percentage points against <see cref="Uniform"/>.</summary>
    public double? AccuracyVsUniform { get; init; }

    /// <summary>One standard error of <see cref="AccuracyVsUniform"/>; null where that was not measured.</summary>
    public double? UniformStandardError { get; init; }

    /// <summary>Latency over that of <see cref="Uniform"/>.</summary>
    public double? LatencyVsUniform { get; init; }

    /// <summary>Bytes of parameters over those of <see cref="Uniform"/>.</summary>
    public double? SizeVsUniform { get; init; }
}
