namespace Haq.Engine.Pipeline;

/// <summary>Measured accuracies, in percent.</summary>
public sealed record LockedAccuracy(LockedScore? Float, LockedScore? Quantized, LockedScore? Finetuned);
