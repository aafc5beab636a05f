namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>Measured accuracies, in percent.</summary>
public sealed record LockedAccuracy(LockedScore? Float, LockedScore? Quantized, LockedScore? Finetuned);
