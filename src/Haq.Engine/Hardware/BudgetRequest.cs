namespace Haq.Engine.Hardware;

/// <summary>A budget as the user wrote it; null means unbounded.</summary>
/// <param name="Latency">A duration for the hardware's batch, or a factor of all layers at uniform 8 bit, first and last included.</param>
/// <param name="Energy">An energy for the hardware's batch, or a factor likewise.</param>
/// <param name="Size">A size, or a factor of the float32 model.</param>
/// <param name="EffectiveBits">Mean stored bits of a weight over all layers, or a factor of 8.</param>
/// <param name="File">A size of the model's file, or a factor of the float model's file.</param>
public sealed record BudgetRequest(BudgetLimit? Latency = null, BudgetLimit? Energy = null, BudgetLimit? Size = null, BudgetLimit? EffectiveBits = null, BudgetLimit? File = null);
