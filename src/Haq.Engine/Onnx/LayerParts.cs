using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Which of a node's tensors are what, where the node is a layer with constant weights.</summary>
internal sealed record LayerParts(NodeProto Node, string Input, string Weight, int WeightInput, int OutputChannelAxis, string? Bias)
{
    public static LayerParts? Of(GraphView view, NodeProto node)
    {
        if (!OpNames.IsStandard(node.Domain) || node.Input.Count < 2) return null;
        string? bias = node.InputAt(2).Length > 0 ? node.InputAt(2) : null;
        switch (node.OpType)
        {
            case OpNames.Conv when IsWeight(view, node.Input[1]):
                return new LayerParts(node, node.Input[0], node.Input[1], 1, 0, bias);
            case OpNames.ConvTranspose when IsWeight(view, node.Input[1]):
                return new LayerParts(node, node.Input[0], node.Input[1], 1, 1, bias);
            case OpNames.Gemm when IsWeight(view, node.Input[1]):
                return new LayerParts(node, node.Input[0], node.Input[1], 1, node.Int("transB", 0) != 0 ? 0 : 1, bias);
            case OpNames.Gemm when IsWeight(view, node.Input[0]):
                return new LayerParts(node, node.Input[1], node.Input[0], 0, node.Int("transA", 0) != 0 ? 1 : 0, bias);
            case OpNames.MatMul:
                int side = IsWeight(view, node.Input[1]) ? 1 : IsWeight(view, node.Input[0]) ? 0 : -1;
                if (side < 0) return null;
                int rank = view.ConstantOf(node.Input[side])!.Dims.Count;
                return new LayerParts(node, node.Input[1 - side], node.Input[side], side, side == 1 ? rank - 1 : rank - 2, null);
            default:
                return null;
        }
    }

    private static bool IsWeight(GraphView view, string tensor) => view.ConstantOf(tensor) is { } constant && ElementTypes.IsReal(TensorData.TypeOf(constant));
}
