namespace Haq.Engine.Hardware;

/// <summary>Energy in picojoules, by where it is spent.</summary>
public readonly record struct Energy(double Mac, double Sram, double Dram, double Leakage)
{
    /// <summary>All parts together, in picojoules.</summary>
    public double Total => Mac + Sram + Dram + Leakage;

    /// <summary>What this is more than <paramref name="other"/>, part by part.</summary>
    public Energy Beyond(in Energy other) =>
        new(Math.Max(0, Mac - other.Mac), Math.Max(0, Sram - other.Sram), Math.Max(0, Dram - other.Dram), Math.Max(0, Leakage - other.Leakage));

    /// <summary>Part by part.</summary>
    public static Energy operator +(Energy a, Energy b) => new(a.Mac + b.Mac, a.Sram + b.Sram, a.Dram + b.Dram, a.Leakage + b.Leakage);
}
