using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>The training that followed quantization.</summary>
public sealed record FineTuneFacts
{
    /// <summary>For example <c>adam</c>.</summary>
    public required string Optimizer { get; init; }

    /// <summary>For example <c>distillation</c>.</summary>
    public required string Loss { get; init; }

    /// <summary>Training images.</summary>
    public required int Samples { get; init; }

    /// <summary>In order.</summary>
    public ImmutableArray<EpochFacts> Epochs { get; init; } = [];
}
