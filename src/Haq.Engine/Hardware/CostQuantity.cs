namespace Haq.Engine.Hardware;

/// <summary>What a budget can limit.</summary>
public enum CostQuantity
{
    /// <summary>Seconds for the hardware's batch.</summary>
    Latency,

    /// <summary>Joules for the hardware's batch.</summary>
    Energy,

    /// <summary>Bits of stored parameters.</summary>
    Size,

    /// <summary>Mean stored bits of a weight over all layers.</summary>
    EffectiveBits,

    /// <summary>Bits of the model's file.</summary>
    File,
}
