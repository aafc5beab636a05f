namespace Haq.Engine.Hardware;

/// <summary>Energy in picojoules, by where it is spent.</summary>
public readonly record struct Energy(double Mac, double Sram, double Dram, double Leakage)
{
    /// <summary>All parts together, in picojoules.</summary>
    public double Total => Mac + Sram + Dram + Leakage;

    /// <summary>Part by part.</summary>
    public static Energy operator +(Energy a, Energy b) => new(a.Mac + b.Mac, a.Sram + b.Sram, a.Dram + b.Dram, a.Leakage + b.Leakage);
}
