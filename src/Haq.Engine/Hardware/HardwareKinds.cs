using System.Collections.Immutable;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Hardware.FusedSystolic;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Hardware.Systolic;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>Every kind of hardware; a new one is a model and its line here.</summary>
internal static class HardwareKinds
{
    private static readonly IEnumerable<int> s_oneToEight = Enumerable.Range(1, 8);
    private static readonly int[] s_fused = [2, 4, 8];
    private static readonly SupportedBits s_runtime = new([new LayerBits(8, 8), new LayerBits(32, 32)]);

    /// <summary>Keys that every hardware file may have.</summary>
    public static ImmutableArray<HardwareKey> CommonKeys { get; } =
    [
        HardwareKey.Text("name", "what the target is called; default: the file's name", optional: true),
        HardwareKey.Text("kind", "which model prices it"),
        HardwareKey.Text("provenance", "where the figures come from"),
        HardwareKey.Integer("batch", "images at a time", max: 65_536, @default: "1"),
        HardwareKey.Word("tensors", "what it can keep between layers: real numbers too, or integers alone, which sums and concatenations are then computed with", ["real", "integer"], @default: "real"),
        HardwareKey.Word("residual", "what becomes of a layer's result that is summed with another tensor and read by nothing else: it is stored, or the sum is part of the layer", ["stored", "fused"], @default: "stored"),
        HardwareKey.Text("target", "the toolchain that files for it are written for (haq target list), or the path of a target file", optional: true),
        HostCosts.Section,
        HardwareKey.Mapping("expected_error", "how far off its latency has to be expected: {percent: 12, rows: 305, of: \"published rows\"}"),
        HardwareKey.Text("run", "the command that times a model file on it, {} being the file; a build with 'search: {measure: top N}' starts it where it may", optional: true),
        HardwareKey.Text("runner", "where 'run' ends in a shell on the device: what to start there; default: python3 measure.py", optional: true),
        HardwareKey.Text("remote", "where 'run' ends in a shell on the device: the folder there that files are copied to and 'runner' starts in; default: one of its own in the shell's folder", optional: true),
        HardwareKey.Mapping("bits", "what it computes with: {weights: [2, 4, 8], activations: [8]} or {pairs: [w8a8, w4a8]}"),
    ];

    /// <summary>By name.</summary>
    public static ImmutableArray<HardwareKind> All { get; } =
    [
        new("bit-serial", "bit-serial matrix multiplier (BISMO) as HAQ priced it", BitSerialParameters.Keys,
            _ => SupportedBits.Product(s_oneToEight, s_oneToEight), file => new BitSerialModel(BitSerialParameters.Read(file))),
        new("fused-systolic", "systolic array whose 2-bit multipliers fuse to wider ones (BitFusion)", FusedSystolicParameters.Keys,
            _ => SupportedBits.Product(s_fused, s_fused), file => new FusedSystolicModel(FusedSystolicParameters.Read(file))),
        new("systolic", "systolic array with outputs, weights or inputs in place (SCALE-Sim's folds) and a memory interface beside it", SystolicParameters.Keys,
            _ => SupportedBits.Product([8], [8]), file => new SystolicModel(SystolicParameters.Read(file))),
        new("table", "figures that were measured on a device, layer by layer", TableFile.Keys, model => ((TableModel)model).Bits, TableFile.Read),
        new("fitted", "a few parameters that were fitted to measured times, for layers and networks that were not measured (haq hardware fit)", FittedParameters.Keys,
            model => ((FittedModel)model).Bits, file => new FittedModel(FittedParameters.Read(file))),
        new("measured", "this machine: each layer is timed in ONNX Runtime, float32 and int8", [], _ => s_runtime, _ => new UnmeasuredModel()),
    ];
}
