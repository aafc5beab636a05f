using System.Collections.Immutable;

namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>Energy constants in picojoules.</summary>
/// <param name="Core">One compute cycle of the whole array, at any widths.</param>
/// <param name="WeightRead">A bit out of the weight buffer.</param>
/// <param name="WeightWrite">A bit into it.</param>
/// <param name="InputRead">A bit out of the input buffer.</param>
/// <param name="InputWrite">A bit into it.</param>
/// <param name="OutputRead">A bit out of the output buffer.</param>
/// <param name="OutputWrite">A bit into it.</param>
/// <param name="Dram">A bit across the memory interface.</param>
/// <param name="LeakageWatts">Static power.</param>
/// <param name="Source">Where the constants come from.</param>
internal sealed record FusedSystolicEnergy(
    double Core, double WeightRead, double WeightWrite, double InputRead, double InputWrite, double OutputRead, double OutputWrite, double Dram,
    double LeakageWatts, string Source)
{
    private const double WattsPerMilliwatt = 1e-3, MaxPicojoules = 1e9;

    /// <summary>The section's own keys.</summary>
    public static ImmutableArray<HardwareKey> SectionKeys { get; } =
    [
        HardwareKey.Number("core_pj_per_cycle", "one compute cycle of the whole array, at any widths", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("weight_read_pj_per_bit", "a bit out of the weight buffer", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("weight_write_pj_per_bit", "a bit into the weight buffer", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("input_read_pj_per_bit", "a bit out of the input buffer", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("input_write_pj_per_bit", "a bit into the input buffer", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("output_read_pj_per_bit", "a bit out of the output buffer", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("output_write_pj_per_bit", "a bit into the output buffer", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("dram_pj_per_bit", "a bit across the memory interface", 0, MaxPicojoules, "pJ"),
        HardwareKey.Number("leakage_mw", "static power", 0, MaxPicojoules, "mW", @default: "0"),
        HardwareKey.Text("source", "where the constants come from"),
    ];

    /// <summary>The optional section of a hardware file.</summary>
    public static HardwareKey Section { get; } =
        HardwareKey.Mapping("energy", $"constants of the energy model: {string.Join(", ", SectionKeys.Select(k => k.Name))}; absent: none");

    public static FusedSystolicEnergy? Read(HardwareDocument file)
    {
        if (file.Section(Section.Name, SectionKeys) is not { } s) return null;
        var energy = new FusedSystolicEnergy(
            s.Number("core_pj_per_cycle"), s.Number("weight_read_pj_per_bit"), s.Number("weight_write_pj_per_bit"), s.Number("input_read_pj_per_bit"),
            s.Number("input_write_pj_per_bit"), s.Number("output_read_pj_per_bit"), s.Number("output_write_pj_per_bit"), s.Number("dram_pj_per_bit"),
            s.Number("leakage_mw") * WattsPerMilliwatt, s.Text("source"));
        file.Remember(Section.Name, s);
        return energy;
    }
}
