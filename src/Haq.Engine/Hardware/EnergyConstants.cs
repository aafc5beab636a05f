using System.Collections.Immutable;
using System.Globalization;

namespace Haq.Engine.Hardware;

/// <summary>What a hardware file says about energy.</summary>
/// <param name="MacPicojoules">One multiply-accumulate at 8x8 bits.</param>
/// <param name="SramPicojoulesPerBit">One bit moved to or from on-chip memory.</param>
/// <param name="DramPicojoulesPerBit">One bit moved across the DRAM interface.</param>
/// <param name="LeakageWatts">Static power of the whole chip.</param>
/// <param name="Source">Where the constants come from.</param>
internal sealed record EnergyConstants(
    double MacPicojoules, double SramPicojoulesPerBit, double DramPicojoulesPerBit, double LeakageWatts, string Source)
{
    private const double PicojoulesPerJoule = 1e12, WattsPerMilliwatt = 1e-3, FullWidthProduct = 64;

    private static readonly ImmutableArray<HardwareKey> s_keys =
    [
        HardwareKey.Number("mac_pj", "one multiply-accumulate at 8x8 bits; others in proportion to the product of their widths", 0, 1e6, "pJ"),
        HardwareKey.Number("sram_pj_per_bit", "one bit to or from on-chip memory", 0, 1e6, "pJ"),
        HardwareKey.Number("dram_pj_per_bit", "one bit across the DRAM interface", 0, 1e6, "pJ"),
        HardwareKey.Number("leakage_mw", "static power of the whole chip", 0, 1e9, "mW"),
        HardwareKey.Text("source", "where the constants come from"),
    ];

    /// <summary>The optional section of a hardware file.</summary>
    public static HardwareKey Section { get; } =
        HardwareKey.Mapping("energy", $"constants of the energy model: {string.Join(", ", s_keys.Select(k => k.Name))}; absent: none");

    /// <summary>The section's own keys.</summary>
    public static ImmutableArray<HardwareKey> SectionKeys => s_keys;

    public static EnergyConstants? Read(HardwareDocument file)
    {
        if (file.Section(Section.Name, s_keys) is not { } section) return null;
        var constants = new EnergyConstants(
            section.Number("mac_pj"), section.Number("sram_pj_per_bit"), section.Number("dram_pj_per_bit"),
            section.Number("leakage_mw") * WattsPerMilliwatt, section.Text("source"));
        file.Remember(Section.Name, section);
        return constants;
    }

    /// <summary>Energy of a layer.</summary>
    /// <param name="macs">Multiply-accumulates.</param>
    /// <param name="widths">Product of the widths that they are computed with.</param>
    /// <param name="sramBits">Bits to and from on-chip memory.</param>
    /// <param name="dramBits">Bits across the DRAM interface.</param>
    /// <param name="seconds">Latency.</param>
    public Energy Of(double macs, int widths, double sramBits, double dramBits, double seconds) => new(
        macs * widths / FullWidthProduct * MacPicojoules, sramBits * SramPicojoulesPerBit, dramBits * DramPicojoulesPerBit,
        LeakageWatts * seconds * PicojoulesPerJoule);

    /// <summary>The model in a sentence.</summary>
    public static string Describe(EnergyConstants? constants) => constants is not { } e
        ? "No energy model: a budget on energy is refused."
        : string.Create(CultureInfo.InvariantCulture, $"Energy of a multiply-accumulate is in proportion to the product of its widths; {e.Source}.");
}
