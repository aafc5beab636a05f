namespace Haq.Engine.Hardware;

/// <summary>What one layer costs at given bits, for the whole batch.</summary>
/// <param name="Cycles">Clock cycles, stalls included.</param>
/// <param name="Energy">Null where the target has no energy model.</param>
/// <param name="Dram">DRAM traffic.</param>
/// <param name="Utilization">Share of the peak multiply-accumulate rate at these bits, 0..1.</param>
/// <param name="Bound">The largest term.</param>
public readonly record struct LayerCost(long Cycles, Energy? Energy, DramBits Dram, double Utilization, Bound Bound);
