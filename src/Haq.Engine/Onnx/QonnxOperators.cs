using Haq.Engine.Onnx.Schema;

namespace Haq.Engine.Onnx;

/// <summary>QONNX: quantization of arbitrary width as operators on real numbers.</summary>
public static class QonnxOperators
{
    /// <summary>The domains that its operators have had.</summary>
    public static IReadOnlyList<string> Domains { get; } = ["qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas"];

    /// <summary>The node is one of them.</summary>
    public static bool Contains(NodeProto node) => Domains.Contains(node.Domain) && node.OpType is "Quant" or "IntQuant" or "FloatQuant" or "BipolarQuant" or "Trunc";
}
