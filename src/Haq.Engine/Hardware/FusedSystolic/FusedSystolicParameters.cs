using System.Collections.Immutable;

namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>The parameters of a systolic array of fusible 2-bit multipliers.</summary>
/// <param name="ClockHertz">Cycles per second.</param>
/// <param name="Rows">Fusion units along the input channels.</param>
/// <param name="Cols">Fusion units along the output channels.</param>
/// <param name="WeightBufferBits">Weight buffer of the whole array.</param>
/// <param name="InputBufferBits">Input buffer of the whole array.</param>
/// <param name="OutputBufferBits">Output buffer of the whole array.</param>
/// <param name="DramBitsPerCycle">Memory interface.</param>
/// <param name="OutputDramBits">Width in which outputs and partial sums move.</param>
/// <param name="Depthwise">How depthwise layers are mapped.</param>
/// <param name="RunsNarrowAsWide">A layer may run as one of wider data.</param>
/// <param name="Energy">Constants, or null for no energy model.</param>
internal sealed record FusedSystolicParameters(
    double ClockHertz, int Rows, int Cols, long WeightBufferBits, long InputBufferBits, long OutputBufferBits, int DramBitsPerCycle,
    int OutputDramBits, DepthwiseMapping Depthwise, bool RunsNarrowAsWide, FusedSystolicEnergy? Energy)
{
    private const int BitsPerByte = 8, MaxBytes = 1 << 30, MaxArray = 65_536;

    // The published configurations widen the buffers with the array: their sizes are given for every 32 columns.
    private const int BufferColumns = 32;

    /// <summary>What the hardware file gives.</summary>
    public static ImmutableArray<HardwareKey> Keys { get; } =
    [
        Clock.Key,
        HardwareKey.Integer("rows", "fusion units along the input channels", max: MaxArray),
        HardwareKey.Integer("cols", "fusion units along the output channels", max: MaxArray),
        HardwareKey.Integer("weight_buffer", "weight buffer for every 32 columns", max: MaxBytes, unit: "B"),
        HardwareKey.Integer("input_buffer", "input buffer for every 32 columns", max: MaxBytes, unit: "B"),
        HardwareKey.Integer("output_buffer", "output buffer for every 32 columns", max: MaxBytes, unit: "B"),
        HardwareKey.Integer("dram_bits_per_cycle", "memory interface", max: 1 << 24, unit: "bits"),
        HardwareKey.Integer("output_dram_bits", "width in which outputs and partial sums move, read and written", max: 64, unit: "bits", @default: "32"),
        HardwareKey.Word(
            "depthwise", "'columns': one channel a column; 'separate': one convolution a channel, as in the published simulator", ["columns", "separate"], "columns"),
        HardwareKey.Word("narrow_as_wide", "a layer of narrow data may run as one of wider data where that is faster", ["true", "false"], "true"),
        HardwareKey.Text("technology", "process node", optional: true),
        FusedSystolicEnergy.Section,
    ];

    public static FusedSystolicParameters Read(HardwareDocument file)
    {
        double hertz = Clock.Hertz(file);
        int rows = file.Integer("rows");
        int cols = file.Integer("cols");
        var parameters = new FusedSystolicParameters(
            hertz, rows, cols, Bits("weight_buffer"), Bits("input_buffer"), Bits("output_buffer"),
            file.Integer("dram_bits_per_cycle"), file.Integer("output_dram_bits"),
            file.Word("depthwise") == "columns" ? DepthwiseMapping.AcrossColumns : DepthwiseMapping.Separate,
            file.Word("narrow_as_wide") == "true", FusedSystolicEnergy.Read(file));
        _ = file.OptionalText("technology");
        return parameters;

        long Bits(string key) => (long)file.Integer(key) * BitsPerByte * cols / BufferColumns;
    }
}
