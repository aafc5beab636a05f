using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Manifest;

/// <summary>What may be spent, as written; null where nothing is said.</summary>
/// <param name="Latency">A duration, or a factor of all layers at uniform 8 bit; on a measured target, of the float model's time.</param>
/// <param name="Energy">An energy, or a factor of all layers at uniform 8 bit.</param>
/// <param name="Size">Bytes, or a factor of the float32 model.</param>
/// <param name="EffectiveBits">Mean bits of a weight, or a factor of 8.</param>
/// <param name="AccuracyDrop">Percentage points below the float model.</param>
public sealed record BudgetSettings(Located<Quantity>? Latency, Located<Quantity>? Energy, Located<Quantity>? Size, Located<Quantity>? EffectiveBits, Located<Quantity>? AccuracyDrop)
{
    /// <summary>Bytes of the model's file, or a factor of the float model's.</summary>
    public Located<Quantity>? FileSize { get; init; }

    /// <summary>No bound on cost (an accuracy drop may still be given).</summary>
    public bool IsUnbounded => Latency is null && Energy is null && Size is null && EffectiveBits is null && FileSize is null;
}
