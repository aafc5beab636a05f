using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>Which operators ONNX Runtime's processor kernels have an 8-bit form of, between a DequantizeLinear and a QuantizeLinear (its qdq_transformer).</summary>
internal static class OpFacts
{
    /// <summary>The operator has one, with the inputs that it has here.</summary>
    public static bool HasIntegerForm(GraphView view, NodeProto node)
    {
        if (!OpNames.IsStandard(node.Domain) || node.Output.Count != 1 || node.Bodies().Any()) return false;
        return node.OpType switch
        {
            OpNames.Add or OpNames.Mul or OpNames.Concat or OpNames.GlobalAveragePool or OpNames.LeakyRelu or OpNames.Sigmoid => true,
            OpNames.AveragePool => node.Int("ceil_mode", 0) == 0 && (node.Ints("dilations") ?? []).All(d => d == 1),
            OpNames.MaxPool => (node.Ints("dilations") ?? []).All(d => d == 1),
            OpNames.Resize => node.Text("mode", "nearest") == "nearest",
            _ => KeepsValues(node),
        };
    }

    /// <summary>The result holds values of the first input and nothing else.</summary>
    public static bool KeepsValues(NodeProto node) => OpNames.IsStandard(node.Domain) && (node.OpType is OpNames.MaxPool or OpNames.Reshape or OpNames.Flatten or OpNames.Transpose or OpNames.Squeeze
        or OpNames.Unsqueeze or OpNames.DepthToSpace or OpNames.SpaceToDepth || (node.Is(OpNames.Resize) && node.Text("mode", "nearest") == "nearest"));

    /// <summary>How many of its inputs, from the first, are activations.</summary>
    public static int ActivationInputs(NodeProto node) => node.OpType is OpNames.Add or OpNames.Mul or OpNames.Concat ? node.Input.Count : 1;

    /// <summary>A Relu or a Clip of constant limits: clamping of what the kernel before it makes.</summary>
    public static bool IsClamp(GraphView view, NodeProto node) => node.Is(OpNames.Relu)
        || (node.Is(OpNames.Clip) && Enumerable.Range(1, 2).All(i => node.InputAt(i).Length == 0 || view.ConstantOf(node.InputAt(i)) is not null));
}
