namespace Haq.Engine.Hardware;

/// <summary>Bits that cross the DRAM interface, by tensor.</summary>
public readonly record struct DramBits(long Weights, long Input, long Output)
{
    /// <summary>All tensors together.</summary>
    public long Total => Weights + Input + Output;

    /// <summary>Tensor by tensor.</summary>
    public static DramBits operator +(DramBits a, DramBits b) => new(a.Weights + b.Weights, a.Input + b.Input, a.Output + b.Output);
}
