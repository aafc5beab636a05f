namespace Haq.Engine.Hardware;

/// <summary>Absolute bounds on a network's cost; null means unbounded. The type of a limit, never of a usage.</summary>
/// <param name="LatencySeconds">For the hardware's batch.</param>
/// <param name="EnergyJoules">For the hardware's batch.</param>
/// <param name="SizeBits">Parameters as the target stores them.</param>
/// <param name="FileBits">The model's file.</param>
public sealed record Budget(double? LatencySeconds = null, double? EnergyJoules = null, long? SizeBits = null, long? FileBits = null)
{
    /// <summary>Every bound holds.</summary>
    public bool Admits(in NetworkCost cost) =>
        !(cost.LatencySeconds > LatencySeconds) && !(cost.SizeBits > SizeBits) && !(cost.FileBits > FileBits)
        && (EnergyJoules is null || (cost.EnergyJoules is { } energy && energy <= EnergyJoules));
}
