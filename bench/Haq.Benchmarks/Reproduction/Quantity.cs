using Haq.Engine.Hardware;

namespace Haq.Benchmarks.Reproduction;

/// <summary>What a budget bounds.</summary>
internal enum Quantity
{
    /// <summary>Time of one batch.</summary>
    Latency,

    /// <summary>Energy of one batch.</summary>
    Energy,

    /// <summary>Stored parameters, codebooks included.</summary>
    Size,
}

/// <summary>A quantity's place in the engine.</summary>
internal static class Quantities
{
    /// <summary>Its value in a cost, in seconds, joules or bits.</summary>
    public static double Of(this Quantity quantity, in NetworkCost cost) => quantity switch
    {
        Quantity.Energy => cost.EnergyJoules ?? double.NaN,
        Quantity.Size => cost.SizeBits,
        _ => cost.LatencySeconds,
    };

    /// <summary>The manifest's key.</summary>
    public static string Key(this Quantity quantity) => quantity switch
    {
        Quantity.Energy => "energy",
        Quantity.Size => "size",
        _ => "latency",
    };
}
