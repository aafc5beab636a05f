namespace Haq.Engine.Hardware;

/// <summary>What a whole network costs with one policy, for the whole batch.</summary>
/// <param name="Cycles">Sum over all layers; 0 where the target has no clock.</param>
/// <param name="InnerCycles">The same without the first and the last layer, as HAQ's Table 3 counts.</param>
/// <param name="LatencySeconds">Sum over all layers.</param>
/// <param name="InnerLatencySeconds">The same without the first and the last layer.</param>
/// <param name="EnergyJoules">Null where the target has no energy model.</param>
/// <param name="SizeBits">Stored parameters: weights at their bits, everything else as stored.</param>
public readonly record struct NetworkCost(
    long Cycles, long InnerCycles, double LatencySeconds, double InnerLatencySeconds, double? EnergyJoules, long SizeBits)
{
    /// <summary>What the model's file is foretold to take; 0 where no limit asks for it.</summary>
    public long FileBits { get; init; }
}
