namespace Haq.Engine.Hardware;

/// <summary>Bits that cross the DRAM interface, by tensor.</summary>
public readonly record struct DramBits(long Weights, long Input, long Output)
{
    /// <summary>All tensors together.</summary>
    public long Total => Weights + Input + Output;

    /// <summary>What this is more than <paramref name="other"/>, tensor by tensor.</summary>
    public DramBits Beyond(in DramBits other) => new(Math.Max(0, Weights - other.Weights), Math.Max(0, Input - other.Input), Math.Max(0, Output - other.Output));

    /// <summary>Tensor by tensor.</summary>
    public static DramBits operator +(DramBits a, DramBits b) => new(a.Weights + b.Weights, a.Input + b.Input, a.Output + b.Output);
}
