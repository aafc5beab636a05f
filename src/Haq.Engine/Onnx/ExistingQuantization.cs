using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Nodes of a model that quantize already, by how they do it.</summary>
/// <param name="QuantizeDequantize">QuantizeLinear and DequantizeLinear nodes around float operators.</param>
/// <param name="IntegerOperators">QLinear…, …Integer and ONNX Runtime's quantized operators.</param>
/// <param name="Qonnx">QONNX Quant, BipolarQuant, Trunc.</param>
public sealed record ExistingQuantization(int QuantizeDequantize, int IntegerOperators, int Qonnx)
{
    private static readonly string[] s_microsoft =
        ["MatMulNBits", "MatMulBnb4", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "DynamicQuantizeLSTM", "GatherBlockQuantized", "NhwcMaxPool"];

    /// <summary>Any at all.</summary>
    public bool Any => QuantizeDequantize + IntegerOperators + Qonnx > 0;

    /// <summary>Counts the nodes of a graph; bodies count too.</summary>
    public static ExistingQuantization In(GraphProto graph)
    {
        var found = new ExistingQuantization(0, 0, 0);
        foreach (var node in graph.Node)
        {
            if (IsQuantizeDequantize(node)) found = found with { QuantizeDequantize = found.QuantizeDequantize + 1 };
            else if (IsIntegerOperator(node)) found = found with { IntegerOperators = found.IntegerOperators + 1 };
            else if (QonnxOperators.Contains(node)) found = found with { Qonnx = found.Qonnx + 1 };
            foreach (var (_, body) in node.Bodies())
            {
                var inner = In(body);
                found = new(found.QuantizeDequantize + inner.QuantizeDequantize, found.IntegerOperators + inner.IntegerOperators, found.Qonnx + inner.Qonnx);
            }
        }
        return found;
    }

    /// <summary>QuantizeLinear or DequantizeLinear, standard or ONNX Runtime's.</summary>
    public static bool IsQuantizeDequantize(NodeProto node) =>
        node.OpType is OpNames.QuantizeLinear or OpNames.DequantizeLinear && (OpNames.IsStandard(node.Domain) || node.Domain == OpNames.MicrosoftDomain);

    /// <summary>An operator that computes with integers.</summary>
    public static bool IsIntegerOperator(NodeProto node) => OpNames.IsStandard(node.Domain)
        ? node.OpType is OpNames.QLinearConv or OpNames.QLinearMatMul or OpNames.ConvInteger or OpNames.MatMulInteger or OpNames.DynamicQuantizeLinear
        : node.Domain == OpNames.MicrosoftDomain && (node.OpType.StartsWith('Q') && node.OpType is not ("QuickGelu" or "QMoE") || s_microsoft.Contains(node.OpType));

    /// <summary>For example <c>14 QuantizeLinear/DequantizeLinear nodes</c>.</summary>
    public string Describe()
    {
        List<string> parts = [];
        if (QuantizeDequantize > 0) parts.Add($"{QuantizeDequantize} QuantizeLinear/DequantizeLinear nodes");
        if (IntegerOperators > 0) parts.Add($"{IntegerOperators} integer operator{(IntegerOperators == 1 ? "" : "s")}");
        if (Qonnx > 0) parts.Add($"{Qonnx} QONNX nodes");
        return parts.Count == 0 ? "not quantized" : string.Join(", ", parts);
    }
}
