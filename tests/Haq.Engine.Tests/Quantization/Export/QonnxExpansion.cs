using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Export;

/// <summary>
/// Writes QONNX's operators out in standard ones, from their definitions (fastmachinelearning/qonnx, docs/qonnx-custom-ops/intquant_v1.md and bipolarquant_v1.md) and from nothing of the
/// engine's: y = (round(clamp(x / scale + zero point)) − zero point) · scale, and sign(x) · scale with the sign of zero positive.
/// </summary>
internal static class QonnxExpansion
{
    public static OnnxModel Expand(OnnxModel qonnx)
    {
        var model = qonnx.Clone();
        var nodes = new List<NodeProto>();
        foreach (var node in model.Graph.Node)
        {
            if (node.Domain != "qonnx.custom_op.general") nodes.Add(node);
            else if (node.OpType == "Quant") nodes.AddRange(Quant(model, node));
            else if (node.OpType == "BipolarQuant") nodes.AddRange(Bipolar(node));
            else throw new InvalidOperationException(node.OpType);
        }
        model.Graph.Node.Clear();
        model.Graph.Node.Add(nodes);
        model.Proto.OpsetImport.Remove(model.Proto.OpsetImport.Single(o => o.Domain == "qonnx.custom_op.general"));
        return model;
    }

    private static IEnumerable<NodeProto> Quant(OnnxModel model, NodeProto node)
    {
        bool signed = node.Int("signed", 1) != 0, narrow = node.Int("narrow", 0) != 0;
        double bits = TensorData.ToFloats(model.Graph.Initializer.Single(t => t.Name == node.Input[3]))[0];
        double low = signed ? -Math.Pow(2, bits - 1) + (narrow ? 1 : 0) : 0;
        double high = signed ? Math.Pow(2, bits - 1) - 1 : Math.Pow(2, bits) - (narrow ? 2 : 1);
        string stem = $"expanded.{node.Output[0]}";
        model.Graph.Initializer.Add(TensorData.Scalar($"{stem}.low", (float)low));
        model.Graph.Initializer.Add(TensorData.Scalar($"{stem}.high", (float)high));
        yield return OnnxNode.Of("Div", [node.Input[0], node.Input[1]], [$"{stem}.1"]);
        yield return OnnxNode.Of("Add", [$"{stem}.1", node.Input[2]], [$"{stem}.2"]);
        yield return OnnxNode.Of("Min", [$"{stem}.2", $"{stem}.high"], [$"{stem}.3"]);
        yield return OnnxNode.Of("Max", [$"{stem}.3", $"{stem}.low"], [$"{stem}.4"]);
        string rounded = $"{stem}.5";
        foreach (var step in Rounding(model, node.Text("rounding_mode", "ROUND"), $"{stem}.4", rounded)) yield return step;
        yield return OnnxNode.Of("Sub", [rounded, node.Input[2]], [$"{stem}.6"]);
        yield return OnnxNode.Of("Mul", [$"{stem}.6", node.Input[1]], [node.Output[0]]);
    }

    /// <summary>The rounding modes as the definition's table has them; UP and DOWN are away from and towards zero.</summary>
    private static IEnumerable<NodeProto> Rounding(OnnxModel model, string mode, string from, string to)
    {
        switch (mode.ToUpperInvariant())
        {
            case "ROUND":
                return [OnnxNode.Of("Round", [from], [to])];
            case "CEIL" or "FLOOR":
                return [OnnxNode.Of(mode.ToUpperInvariant() == "CEIL" ? "Ceil" : "Floor", [from], [to])];
            default:
                string op = mode.ToUpperInvariant() is "UP" or "HALF_DOWN" ? "Ceil" : "Floor";
                float shift = mode.ToUpperInvariant() switch { "HALF_UP" => 0.5f, "HALF_DOWN" => -0.5f, _ => 0 };
                model.Graph.Initializer.Add(TensorData.Scalar($"{to}.shift", shift));
                return
                [
                    OnnxNode.Of("Abs", [from], [$"{to}.size"]), OnnxNode.Of("Add", [$"{to}.size", $"{to}.shift"], [$"{to}.shifted"]), OnnxNode.Of(op, [$"{to}.shifted"], [$"{to}.whole"]),
                    OnnxNode.Of("Sign", [from], [$"{to}.sign"]), OnnxNode.Of("Mul", [$"{to}.whole", $"{to}.sign"], [to]),
                ];
        }
    }

    private static IEnumerable<NodeProto> Bipolar(NodeProto node)
    {
        string stem = $"expanded.{node.Output[0]}";
        // Sign is 0 at 0: twice the sign of the sign plus a half is positive there.
        var half = OnnxNode.Of("Constant", [], [$"{stem}.half"]).With("value", TensorData.Scalar("", 0.5f));
        yield return half;
        yield return OnnxNode.Of("Sign", [node.Input[0]], [$"{stem}.1"]);
        yield return OnnxNode.Of("Add", [$"{stem}.1", $"{stem}.half"], [$"{stem}.2"]);
        yield return OnnxNode.Of("Sign", [$"{stem}.2"], [$"{stem}.3"]);
        yield return OnnxNode.Of("Mul", [$"{stem}.3", node.Input[1]], [node.Output[0]]);
    }
}
