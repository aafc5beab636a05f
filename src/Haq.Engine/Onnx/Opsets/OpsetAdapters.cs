using Onnx;
using Adapters = System.Collections.Frozen.FrozenDictionary<string, System.Action<Haq.Engine.Onnx.Opsets.OpsetStep, Onnx.NodeProto>>;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>By version: the operators that this version changed incompatibly, and how a node of the version before is brought to it.</summary>
internal static class OpsetAdapters
{
    private static readonly Dictionary<int, Adapters> s_byVersion = new()
    {
        [9] = Table((OpNames.BatchNormalization, NormalizationAdapters.DropSpatial), (OpNames.Upsample, ResizeAdapters.ScalesToInput), ("Scan", BodyAdapters.RefuseScan8)),
        [10] = Table(
            ("Slice", AttributeAdapters.SliceToInputs), ("TopK", AttributeAdapters.TopKToInput), (OpNames.Upsample, ResizeAdapters.UpsampleToResize),
            (OpNames.Dropout, NormalizationAdapters.RefuseDropoutMask), ("Affine", LegacyAdapters.Affine), ("ImageScaler", LegacyAdapters.ImageScaler),
            ("Crop", LegacyAdapters.Crop), ("ParametricSoftplus", LegacyAdapters.ParametricSoftplus), ("ScaledTanh", LegacyAdapters.ScaledTanh), ("Scale", LegacyAdapters.Scale)),
        [11] = Table(
            (OpNames.Clip, AttributeAdapters.ClipToInputs), (OpNames.Pad, AttributeAdapters.PadToInputs), (OpNames.Resize, ResizeAdapters.Resize11),
            ("Scatter", (_, node) => node.OpType = OpNames.ScatterElements)),
        [12] = Table((OpNames.Dropout, AttributeAdapters.DropoutToInput)),
        [13] = Table(
            (OpNames.Softmax, NormalizationAdapters.FlattenSoftmax), (OpNames.LogSoftmax, NormalizationAdapters.FlattenSoftmax), (OpNames.Hardmax, NormalizationAdapters.FlattenSoftmax),
            (OpNames.Squeeze, (s, n) => s.IntsToInput(n, "axes", 1)), (OpNames.Unsqueeze, (s, n) => s.IntsToInput(n, "axes", 1)),
            (OpNames.ReduceSum, (s, n) => s.IntsToInput(n, "axes", 1)), (OpNames.Split, (s, n) => s.IntsToInput(n, "split", 1)), (OpNames.Resize, ResizeAdapters.Resize13),
            (OpNames.QuantizeLinear, QuantizationAdapters.ScalarParameters), (OpNames.DequantizeLinear, QuantizationAdapters.ScalarParameters)),
        [14] = Table((OpNames.BatchNormalization, NormalizationAdapters.BatchNormalization14)),
        [16] = Table(("RoiAlign", AttributeAdapters.KeepRoiAlignMode)),
        [18] = Table(
            [(OpNames.Split, AttributeAdapters.CountSplitOutputs), .. new[] { "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare" }.Select(
                r => ($"Reduce{r}", (Action<OpsetStep, NodeProto>)((s, n) => s.IntsToInput(n, "axes", 1))))]),
        [20] = Table(("DFT", AttributeAdapters.DftAxisToInput), ("GridSample", AttributeAdapters.RenameGridSampleModes)),
        [21] = Table((OpNames.GroupNormalization, NormalizationAdapters.GroupNormalization21)),
    };

    public static Adapters? Of(int version) => s_byVersion.GetValueOrDefault(version);

    private static Adapters Table(params (string Op, Action<OpsetStep, NodeProto> Adapt)[] adapters) =>
        System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(adapters, a => a.Op, a => a.Adapt, StringComparer.Ordinal);
}
