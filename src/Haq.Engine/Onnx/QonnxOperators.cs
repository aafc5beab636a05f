using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>QONNX: quantization of arbitrary width as operators on real numbers.</summary>
public static class QonnxOperators
{
    /// <summary>The domain of today.</summary>
    public const string Domain = "qonnx.custom_op.general";

    /// <summary>Rounds to integers of any width: x, scale, zero point, width.</summary>
    public const string Quant = "Quant";

    /// <summary>Keeps the sign alone: x, scale.</summary>
    public const string BipolarQuant = "BipolarQuant";

    /// <summary>Drops the lowest bits: x, scale, zero point, width before, width after.</summary>
    public const string Trunc = "Trunc";

    /// <summary>The domains that its operators have had.</summary>
    public static IReadOnlyList<string> Domains { get; } = [Domain, "finn.custom_op.general", "onnx.brevitas"];

    /// <summary>The node is one of them.</summary>
    public static bool Contains(NodeProto node) => Domains.Contains(node.Domain) && node.OpType is Quant or "IntQuant" or "FloatQuant" or BipolarQuant or Trunc;
}
