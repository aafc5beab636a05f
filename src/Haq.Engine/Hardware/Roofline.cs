namespace Haq.Engine.Hardware;

/// <summary>Where one layer stands under the roof of its target (Williams, Waterman and Patterson, 2009).</summary>
/// <param name="MacsPerByte">Operational intensity: multiply-accumulates per byte of DRAM traffic; infinite without traffic.</param>
/// <param name="PeakMacsPerSecond">The flat part of the roof at these bits.</param>
/// <param name="AttainableMacsPerSecond">The roof at this intensity: the lower of the peak and intensity times bandwidth.</param>
/// <param name="AchievedMacsPerSecond">What the simulated latency amounts to.</param>
/// <param name="Bound">What holds the layer up.</param>
public readonly record struct Roofline(
    double MacsPerByte, double PeakMacsPerSecond, double AttainableMacsPerSecond, double AchievedMacsPerSecond, Bound Bound)
{
    private const double BitsPerByte = 8;

    internal static Roofline Of(double macs, in LayerCost cost, double peak, double bandwidthBits)
    {
        double intensity = cost.Dram.Total > 0 ? macs * BitsPerByte / cost.Dram.Total : double.PositiveInfinity;
        double memory = cost.Dram.Total > 0 ? macs / cost.Dram.Total * bandwidthBits : double.PositiveInfinity;
        return new Roofline(intensity, peak, Math.Min(peak, memory), cost.Seconds > 0 ? macs / cost.Seconds : 0, cost.Bound);
    }
}
