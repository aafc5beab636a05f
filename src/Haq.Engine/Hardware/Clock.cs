namespace Haq.Engine.Hardware;

/// <summary>The clock in a hardware file.</summary>
internal static class Clock
{
    private const double HertzPerMegahertz = 1e6;

    public static HardwareKey Key { get; } = HardwareKey.Number("clock_mhz", "clock", min: 0.001, max: 100_000, unit: "MHz");

    public static double Hertz(HardwareDocument file) => file.Number(Key.Name) * HertzPerMegahertz;
}
