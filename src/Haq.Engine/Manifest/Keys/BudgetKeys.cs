using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>budget:</c>.</summary>
internal static class BudgetKeys
{
    private static readonly Key<Quantity> s_latency = new("latency", Kinds.Quantity(false, Dimension.Duration, Dimension.Factor), default, "0.6x",
        "for one batch of the hardware; a factor is of all layers at uniform 8 bit, on a measured target of the float model");

    private static readonly Key<Quantity> s_energy = new("energy", Kinds.Quantity(false, Dimension.Energy, Dimension.Factor), default, "0.5x",
        "for one batch of the hardware; a factor is of all layers at uniform 8 bit");

    private static readonly Key<Quantity> s_size = new("size", Kinds.Quantity(false, Dimension.Size, Dimension.Factor), default, "0.2x",
        "of all parameters as the target stores them; a factor is of the float32 model");

    private static readonly Key<Quantity> s_fileSize = new("file-size", Kinds.Quantity(false, Dimension.Size, Dimension.Factor), default, "0.3x",
        "of the model's file, which stores widths up to 4 in 4 bits and up to 8 in 8; a factor is of the float model's file");

    private static readonly Key<Quantity> s_effectiveBits = new("effective-bits", Kinds.Quantity(false, Dimension.Bits, Dimension.Factor), default, "4.5 bit",
        "mean bits of a weight over all quantized layers; a factor is of 8 bit");

    private static readonly Key<Quantity> s_accuracyDrop = new("accuracy-drop", Kinds.Quantity(true, Dimension.Percentage), default, "1 %",
        "percentage points below the float model: a gate, and the constraint when the objective is not accuracy");

    public static readonly KeyGroup Group = new(s_latency, s_energy, s_size, s_fileSize, s_effectiveBits, s_accuracyDrop);

    public static readonly ValueKind<BudgetSettings> Kind = Kinds.Mapping(Group, section =>
        new BudgetSettings(section.Locate(s_latency), section.Locate(s_energy), section.Locate(s_size), section.Locate(s_effectiveBits),
            section.Locate(s_accuracyDrop)) { FileSize = section.Locate(s_fileSize) });
}
