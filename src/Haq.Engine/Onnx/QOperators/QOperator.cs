using System.Collections.Immutable;

namespace Haq.Engine.Onnx.QOperators;

/// <summary>An operator that reads and writes integers, and the one of reals that it stands for between pairs.</summary>
/// <param name="Real">The operator of reals.</param>
/// <param name="Quantized">Inputs that come as integers, scale and zero point: the place of the integers, the others behind it.</param>
/// <param name="Output">The place of the output's scale, its zero point behind it.</param>
/// <param name="Plain">Places of inputs that are passed on as they are, in front of the others.</param>
/// <param name="Bias">The place of a bias of int32 at the product of the first two scales; -1 for none.</param>
/// <param name="Attributes">Attributes that both have.</param>
internal sealed record QOperator(
    string Real, ImmutableArray<int> Quantized, int Output, ImmutableArray<int> Plain = default, int Bias = -1, ImmutableArray<string> Attributes = default)
{
    private static readonly string[] s_pool = ["auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"];

    private static readonly ImmutableSortedDictionary<string, QOperator> s_known = new Dictionary<string, QOperator>(StringComparer.Ordinal)
    {
        [OpNames.QLinearConv] = new(OpNames.Conv, [0, 3], 6, Bias: 8, Attributes: ["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"]),
        [OpNames.QLinearMatMul] = new(OpNames.MatMul, [0, 3], 6),
        ["com.microsoft:QGemm"] = new(OpNames.Gemm, [0, 3], 7, Bias: 6, Attributes: ["alpha", "transA", "transB"]),
        ["com.microsoft:QLinearAdd"] = new(OpNames.Add, [0, 3], 6),
        ["com.microsoft:QLinearMul"] = new(OpNames.Mul, [0, 3], 6),
        ["com.microsoft:QLinearWhere"] = new(OpNames.Where, [1, 4], 7, Plain: [0]),
        ["com.microsoft:QLinearSigmoid"] = new(OpNames.Sigmoid, [0], 3),
        ["com.microsoft:QLinearLeakyRelu"] = new(OpNames.LeakyRelu, [0], 3, Attributes: ["alpha"]),
        ["com.microsoft:QLinearSoftmax"] = new(OpNames.Softmax, [0], 3, Attributes: ["axis"]),
        ["com.microsoft:QLinearReduceMean"] = new(OpNames.ReduceMean, [0], 3, Attributes: ["axes", "keepdims"]),
        ["com.microsoft:QLinearAveragePool"] = new(OpNames.AveragePool, [0], 3, Attributes: [.. s_pool]),
        ["com.microsoft:QLinearGlobalAveragePool"] = new(OpNames.GlobalAveragePool, [0], 3),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private const string Dynamic = "the scales of what it reads are computed when the model runs, so there is no grid to keep: quantize the float model with static ranges";

    private static readonly ImmutableSortedDictionary<string, string> s_refused = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DynamicQuantizeLinear"] = Dynamic,
        [OpNames.ConvInteger] = Dynamic,
        [OpNames.MatMulInteger] = Dynamic,
        ["com.microsoft:DynamicQuantizeMatMul"] = Dynamic,
        ["com.microsoft:DynamicQuantizeLSTM"] = Dynamic,
        ["com.microsoft:MatMulIntegerToFloat"] = Dynamic,
        ["com.microsoft:QAttention"] = "projections, softmax and products are one node with no pair between them: quantize the float model, whose nodes are apart",
        ["com.microsoft:QEmbedLayerNormalization"] = "lookups, sums and normalization are one node with no pair between them: quantize the float model, whose nodes are apart",
        ["com.microsoft:NhwcMaxPool"] = "its channels come last, as ONNX Runtime lays them out for itself: save the model without its layout optimizations",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>A concatenation, whose inputs come behind the output's scale and zero point.</summary>
    public const string Concat = "com.microsoft:QLinearConcat";

    /// <summary>The name of a node's operator: with its domain, where that is not the standard's.</summary>
    public static string NameOf(global::Onnx.NodeProto node) => OpNames.IsStandard(node.Domain) ? node.OpType : $"{node.Domain}:{node.OpType}";

    /// <summary>What a node stands for; null where it is none of these.</summary>
    public static QOperator? Of(global::Onnx.NodeProto node)
    {
        string name = NameOf(node);
        // ONNX Runtime's own QLinearConv is the standard's, but for the layout.
        if (name == "com.microsoft:QLinearConv") name = OpNames.QLinearConv;
        if (name == Concat) return new QOperator(OpNames.Concat, [.. Enumerable.Range(0, (node.Input.Count - 2) / 3).Select(i => 2 + 3 * i)], 0, Attributes: ["axis"]);
        return s_known.GetValueOrDefault(name);
    }

    /// <summary>Why a node has no form between pairs; null where it has one, or is no integer operator.</summary>
    public static string? ReasonAgainst(global::Onnx.NodeProto node)
    {
        if (s_refused.TryGetValue(NameOf(node), out string? why)) return why;
        if (node.Int("channels_last", 0) != 0) return "its channels come last, as ONNX Runtime lays them out for itself: save the model without its layout optimizations";
        // Weights alone are integers: the node is no part of a network of integers.
        if (Of(node) is not null || node.OpType is "MatMulNBits" or "MatMulBnb4" or "GatherBlockQuantized" || !ExistingQuantization.IsIntegerOperator(node)) return null;
        return "this engine knows no operator of reals that it stands for: export the model in QDQ form";
    }
}
