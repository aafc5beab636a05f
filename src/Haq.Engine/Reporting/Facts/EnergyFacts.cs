using Haq.Engine.Hardware;

namespace Haq.Engine.Reporting.Facts;

/// <summary>Energy in millijoules, by where it is spent.</summary>
public sealed record EnergyFacts
{
    /// <summary>Multiply-accumulates.</summary>
    public required double MacMj { get; init; }

    /// <summary>On-chip buffers.</summary>
    public required double SramMj { get; init; }

    /// <summary>Off-chip memory.</summary>
    public required double DramMj { get; init; }

    /// <summary>Leakage over the run time.</summary>
    public required double LeakageMj { get; init; }

    /// <summary>All parts together.</summary>
    public double TotalMj => MacMj + SramMj + DramMj + LeakageMj;

    /// <summary>The simulator's picojoules in millijoules.</summary>
    public static EnergyFacts Of(in Energy energy)
    {
        const double millijoules = 1e-9; // per picojoule
        return new EnergyFacts
        {
            MacMj = energy.Mac * millijoules,
            SramMj = energy.Sram * millijoules,
            DramMj = energy.Dram * millijoules,
            LeakageMj = energy.Leakage * millijoules,
        };
    }
}
