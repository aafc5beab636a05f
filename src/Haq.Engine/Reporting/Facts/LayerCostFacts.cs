using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Reporting.Facts;

/// <summary>What one layer costs at one pair of widths, for the whole batch.</summary>
public sealed record LayerCostFacts
{
    /// <summary>Weight bits.</summary>
    public required int Weights { get; init; }

    /// <summary>Bits of the activations read.</summary>
    public required int Activations { get; init; }

    /// <summary>Clock cycles, stalls included; 0 where the target has no clock.</summary>
    public required long Cycles { get; init; }

    /// <summary>Simulated or measured.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>Null where the target has no energy model.</summary>
    public EnergyFacts? Energy { get; init; }

    /// <summary>DRAM traffic.</summary>
    public required DramFacts Dram { get; init; }

    /// <summary>Share of the peak rate at these bits, 0..1; 0 where unknown.</summary>
    public required double Utilization { get; init; }

    /// <summary>What holds the layer up.</summary>
    public required Bound Bound { get; init; }

    /// <summary>Multiply-accumulates per byte of DRAM traffic; null without traffic. The roofline's horizontal axis.</summary>
    public double? MacsPerByte { get; init; }

    /// <summary>10^9 multiply-accumulates a second. The roofline's vertical axis.</summary>
    public required double AchievedGmacs { get; init; }

    /// <summary>The compute peak at these bits; null where the target does not know.</summary>
    public double? PeakGmacs { get; init; }

    /// <summary>The lower of peak rate at these bits and intensity times bandwidth; null where the target does not know.</summary>
    public double? AttainableGmacs { get; init; }

    /// <summary>The simulator's figures in the report's units.</summary>
    /// <param name="cost">For the batch.</param>
    /// <param name="bits">The widths they are for.</param>
    /// <param name="macs">Multiply-accumulates per image.</param>
    /// <param name="batch">Images per inference.</param>
    /// <param name="roof">Where the layer stands under the target's roof; null where the target does not know its peak.</param>
    public static LayerCostFacts Of(in LayerCost cost, LayerBits bits, long macs, int batch, Roofline? roof)
    {
        double work = (double)macs * batch;
        return new LayerCostFacts
        {
            Weights = bits.Weights,
            Activations = bits.Activations,
            Cycles = cost.Cycles,
            LatencyMs = cost.Seconds * 1e3,
            Energy = cost.Energy is { } energy ? EnergyFacts.Of(energy) : null,
            Dram = DramFacts.Of(cost.Dram),
            Utilization = cost.Utilization,
            Bound = cost.Bound,
            MacsPerByte = cost.Dram.Total > 0 ? work * 8 / cost.Dram.Total : null,
            AchievedGmacs = cost.Seconds > 0 ? work / cost.Seconds * 1e-9 : 0,
            PeakGmacs = roof?.PeakMacsPerSecond * 1e-9,
            AttainableGmacs = roof?.AttainableMacsPerSecond * 1e-9,
        };
    }
}
