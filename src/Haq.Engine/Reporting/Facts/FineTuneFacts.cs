using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>The training that followed quantization.</summary>
public sealed record FineTuneFacts
{
    /// <summary>For example <c>adam</c>.</summary>
    public required string Optimizer { get; init; }

    /// <summary>For example <c>distillation</c>.</summary>
    public required string Loss { get; init; }

    /// <summary>How gradients pass a quantizer: <c>lsq</c>, <c>ste</c> or <c>pact</c>.</summary>
    public string? Quantizer { get; init; }

    /// <summary>What happened to the statistics of batch normalization: <c>frozen</c> or <c>reestimate</c>.</summary>
    public string? BatchNorm { get; init; }

    /// <summary>How the learning rate moved: <c>cosine</c>, <c>step</c> or <c>constant</c>.</summary>
    public string? Schedule { get; init; }

    /// <summary>The training set.</summary>
    public string? Data { get; init; }

    /// <summary>Training images.</summary>
    public required int Samples { get; init; }

    /// <summary>The epoch whose network was kept; 0 is the one that was given, null where not recorded.</summary>
    public int? KeptEpoch { get; init; }

    /// <summary>Figures on the search set before training; null where not measured.</summary>
    public AccuracyFacts? Start { get; init; }

    /// <summary>In order.</summary>
    public ImmutableArray<EpochFacts> Epochs { get; init; } = [];
}
