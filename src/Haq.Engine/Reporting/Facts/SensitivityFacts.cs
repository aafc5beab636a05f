namespace Haq.Engine.Reporting.Facts;

/// <summary>How much one choice of bits for one layer hurts, everything else as in the float model.</summary>
public sealed record SensitivityFacts
{
    /// <summary>Weight bits; null where only the activations were quantized.</summary>
    public int? Weights { get; init; }

    /// <summary>Activation bits; null where only the weights were quantized.</summary>
    public int? Activations { get; init; }

    /// <summary>Predicted damage in nats, at least 0; it need not fall with bits.</summary>
    public required double Damage { get; init; }
}
