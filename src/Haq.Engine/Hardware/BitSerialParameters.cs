using System.Collections.Immutable;

namespace Haq.Engine.Hardware;

/// <summary>The parameters of a bit-serial matrix multiplier.</summary>
/// <param name="ClockHertz">Cycles per second.</param>
/// <param name="Rows">Dot-product units along the activations.</param>
/// <param name="Cols">Dot-product units along the weights.</param>
/// <param name="DotWidth">Bits that one unit multiplies in a cycle.</param>
/// <param name="BufferEntries">Words of <paramref name="DotWidth"/> bits in each row's or column's buffer.</param>
/// <param name="FetchBits">Bits that each of the two fetch channels brings in a cycle.</param>
/// <param name="DepthwiseGroup">Channels of a depthwise layer computed at a time, as one dense product.</param>
/// <param name="Energy">Constants, or null for no energy model.</param>
/// <param name="Elementwise">What passes beside the array cost: nothing, unless the file says so.</param>
internal sealed record BitSerialParameters(
    double ClockHertz, int Rows, int Cols, int DotWidth, int BufferEntries, int FetchBits, int DepthwiseGroup, EnergyConstants? Energy, ElementwiseCosts Elementwise)
{
    /// <summary>What the hardware file gives.</summary>
    public static ImmutableArray<HardwareKey> Keys { get; } =
    [
        Clock.Key,
        HardwareKey.Integer("rows", "dot-product units along the activations", max: 65_536),
        HardwareKey.Integer("cols", "dot-product units along the weights", max: 65_536),
        HardwareKey.Integer("dot_width", "binary products that a unit adds up in a cycle", max: 1 << 20, unit: "bits"),
        HardwareKey.Integer("buffer_entries", "words of dot_width bits in the buffer of each row or column", max: 1 << 30),
        HardwareKey.Integer("fetch_bits", "what each of the two fetch channels brings in a cycle", max: 1 << 20, unit: "bits"),
        HardwareKey.Integer("depthwise_group", "channels of a depthwise layer computed at a time", max: 65_536),
        .. ElementwiseCosts.Keys,
        EnergyConstants.Section,
    ];

    public static BitSerialParameters Read(HardwareDocument file) => new(
        Clock.Hertz(file), file.Integer("rows"), file.Integer("cols"), file.Integer("dot_width"), file.Integer("buffer_entries"),
        file.Integer("fetch_bits"), file.Integer("depthwise_group"), EnergyConstants.Read(file), ElementwiseCosts.Read(file, hasTraffic: false));
}
