using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Systolic;

/// <summary>The parameters of a systolic array.</summary>
/// <param name="ClockHertz">Cycles per second.</param>
/// <param name="Dataflow">What stays in place.</param>
/// <param name="Rows">Height of the array.</param>
/// <param name="Cols">Width of the array.</param>
/// <param name="BufferBits">Weight, input and output buffer.</param>
/// <param name="DramBitsPerCycle">Memory interface.</param>
/// <param name="AccumulatorBits">Width of partial sums.</param>
/// <param name="IsDoubleBuffered">Memory works while the array does.</param>
/// <param name="StartsWithFold">The array starts when what stays in place in its first fold is there, and the last fold's results are all that is left to be stored; otherwise half of each
/// buffer.</param>
/// <param name="AreFoldsOverlapped">One fold fills while the other drains.</param>
/// <param name="MacsPerElement">Multiply-accumulates of one element in a cycle, by pair; 1 where not given.</param>
/// <param name="Energy">Constants, or null for no energy model.</param>
/// <param name="Elementwise">What passes beside the array cost.</param>
internal sealed record SystolicParameters(
    double ClockHertz, Dataflow Dataflow, int Rows, int Cols, (long Weights, long Input, long Output) BufferBits, int DramBitsPerCycle, int AccumulatorBits,
    bool IsDoubleBuffered, bool StartsWithFold, bool AreFoldsOverlapped, ImmutableDictionary<LayerBits, int> MacsPerElement, EnergyConstants? Energy, ElementwiseCosts Elementwise)
{
    private const int BitsPerByte = 8, MaxBytes = int.MaxValue, MaxArray = 65_536, MaxMacs = 1024;

    private static readonly ImmutableArray<HardwareKey> s_buffers =
    [
        HardwareKey.Integer("weights", "weight buffer", max: MaxBytes, unit: "B"),
        HardwareKey.Integer("inputs", "input buffer", max: MaxBytes, unit: "B"),
        HardwareKey.Integer("outputs", "output buffer", max: MaxBytes, unit: "B"),
    ];

    /// <summary>What the hardware file gives.</summary>
    public static ImmutableArray<HardwareKey> Keys { get; } =
    [
        Clock.Key,
        HardwareKey.Word("dataflow", "what stays in the array: outputs, weights or inputs", ["os", "ws", "is"]),
        HardwareKey.Integer("rows", "height of the array", max: MaxArray),
        HardwareKey.Integer("cols", "width of the array", max: MaxArray),
        HardwareKey.Mapping("sram", "buffers in bytes: {weights: 65536, inputs: 65536, outputs: 65536}", isOptional: false),
        HardwareKey.Integer("dram_bits_per_cycle", "memory interface", max: 1 << 24, unit: "bits"),
        HardwareKey.Integer("accumulator_bits", "width of partial sums", max: 64, unit: "bits", @default: "32"),
        HardwareKey.Word("buffering", "double: memory works while the array does; single: one after the other", ["double", "single"], "double"),
        HardwareKey.Word("start", "what is loaded before the array starts, and stored after it: half of each buffer, or what its first fold keeps in place and its last one makes", ["buffers",
            "fold"], "buffers"),
        HardwareKey.Word("folds", "serial: the array drains before it fills again; overlapped: meanwhile", ["serial", "overlapped"], "serial"),
        HardwareKey.Mapping("macs_per_element", "multiply-accumulates of one element in a cycle where it is not 1, as in {w4a8: 2}"),
        .. ElementwiseCosts.Keys,
        EnergyConstants.Section,
    ];

    public static SystolicParameters Read(HardwareDocument file)
    {
        double hertz = Clock.Hertz(file);
        var dataflow = file.Word("dataflow") switch { "os" => Dataflow.OutputStationary, "ws" => Dataflow.WeightStationary, _ => Dataflow.InputStationary };
        int rows = file.Integer("rows"), cols = file.Integer("cols");
        var sram = file.Section("sram", s_buffers)!;
        var buffers = (Bits("weights"), Bits("inputs"), Bits("outputs"));
        file.Remember("sram", sram);
        return new SystolicParameters(
            hertz, dataflow, rows, cols, buffers, file.Integer("dram_bits_per_cycle"), file.Integer("accumulator_bits"),
            file.Word("buffering") == "double", file.Word("start") == "fold", file.Word("folds") == "overlapped", Rates(file), EnergyConstants.Read(file), ElementwiseCosts.Read(file,
                hasTraffic: true));

        long Bits(string key) => (long)sram.Integer(key) * BitsPerByte;
    }

    private static ImmutableDictionary<LayerBits, int> Rates(HardwareDocument file)
    {
        if (file.Find("macs_per_element") is not { } value) return ImmutableDictionary<LayerBits, int>.Empty;
        var rates = ImmutableDictionary.CreateBuilder<LayerBits, int>();
        foreach (var (key, at, rate) in value.AsMapping().Entries)
        {
            if (!LayerBits.TryParse(key, out var pair))
                throw Diagnostics.DiagnosticCatalog.InvalidValue.Error(at, $"'{key}' is not a pair of widths: expected one as in w4a8.");
            rates[pair] = rate.AsInteger(1, MaxMacs);
        }
        file.Remember("macs_per_element", string.Join(", ", rates.OrderBy(r => r.Key.Weights).ThenBy(r => r.Key.Activations).Select(r => $"{r.Key}: {r.Value}")));
        return rates.ToImmutable();
    }
}
