using Haq.Engine.Hardware;

namespace Haq.Engine.Reporting.Facts;

/// <summary>Bits that cross the DRAM interface, by tensor.</summary>
public sealed record DramFacts
{
    /// <summary>Weights read.</summary>
    public required long WeightBits { get; init; }

    /// <summary>Input activations read.</summary>
    public required long InputBits { get; init; }

    /// <summary>Output activations written (and partial sums read back).</summary>
    public required long OutputBits { get; init; }

    /// <summary>All tensors together.</summary>
    public long TotalBits => WeightBits + InputBits + OutputBits;

    /// <summary>The simulator's figures.</summary>
    public static DramFacts Of(in DramBits bits) => new() { WeightBits = bits.Weights, InputBits = bits.Input, OutputBits = bits.Output };
}
