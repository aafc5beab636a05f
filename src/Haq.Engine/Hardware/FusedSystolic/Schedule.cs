namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>What the best schedule of a nest costs.</summary>
/// <param name="Cycles">Stalls included.</param>
/// <param name="ComputeCycles">Cycles in which the array works.</param>
/// <param name="WeightBits">Weights read from DRAM.</param>
/// <param name="InputBits">Inputs read from DRAM.</param>
/// <param name="OutputBits">Outputs read from DRAM, and as many written.</param>
/// <param name="Sram">Bits in and out of the buffers.</param>
internal readonly record struct Schedule(long Cycles, long ComputeCycles, long WeightBits, long InputBits, long OutputBits, SramTraffic Sram)
{
    /// <summary>Cycles in which the array waits for memory.</summary>
    public long StallCycles => Cycles - ComputeCycles;

    /// <summary>Bits read from DRAM: partial sums come back.</summary>
    public long DramReadBits => WeightBits + InputBits + OutputBits;

    /// <summary>Bits written to DRAM.</summary>
    public long DramWriteBits => OutputBits;
}
