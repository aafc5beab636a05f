using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>What operators do with the widths of their tensors.</summary>
internal static class OpFamilies
{
    /// <summary>Each number of the result comes from one number of the input.</summary>
    public static bool IsFunction(NodeProto node) => OpNames.IsStandard(node.Domain) && node.OpType is OpNames.Relu or OpNames.LeakyRelu or OpNames.PRelu or OpNames.Elu or OpNames.Selu or OpNames.Celu
        or OpNames.Gelu or OpNames.Mish or OpNames.Clip or OpNames.Sigmoid or OpNames.HardSigmoid or OpNames.HardSwish or OpNames.Softplus or OpNames.Softsign or OpNames.Tanh or OpNames.Erf
        or OpNames.ThresholdedRelu or OpNames.Abs or OpNames.Neg or OpNames.Sqrt or OpNames.Exp or OpNames.Log or OpNames.Floor or OpNames.Ceil or OpNames.Round or OpNames.Sign or OpNames.Reciprocal
        or OpNames.Identity or OpNames.Dropout or OpNames.Cast or OpNames.BatchNormalization;

    /// <summary>Numbers of several tensors meet one by one, or stand side by side: the hardware brings them to one width first.</summary>
    public static bool IsJoin(NodeProto node) =>
        OpNames.IsStandard(node.Domain) && node.OpType is OpNames.Add or OpNames.Sub or OpNames.Mul or OpNames.Div or OpNames.Pow or OpNames.Sum or OpNames.Mean
        or OpNames.Max or OpNames.Min or OpNames.Where;

    /// <summary>Many numbers become one.</summary>
    public static bool IsReduction(NodeProto node) => OpNames.IsStandard(node.Domain) && node.OpType is OpNames.ReduceMean or OpNames.ReduceSum or OpNames.ReduceMax or OpNames.ReduceMin
        or "ReduceL2" or "ReduceSumSquare";

    /// <summary>Computes with integers of its own, whatever is around it: products of activations, normalizations, softmax, averages, interpolation.</summary>
    public static bool IsKernel(NodeProto node) => OpNames.IsStandard(node.Domain) && (node.OpType is OpNames.MatMul or OpNames.Gemm or OpNames.Conv or OpNames.ConvTranspose or OpNames.Einsum
        or OpNames.Softmax or OpNames.LogSoftmax or OpNames.LayerNormalization or OpNames.InstanceNormalization or OpNames.GroupNormalization or "RMSNormalization" or OpNames.Lrn
        or OpNames.AveragePool or OpNames.GlobalAveragePool or OpNames.LpPool || (node.OpType is OpNames.Resize or OpNames.Upsample && node.Text("mode", "nearest") != "nearest"));

    /// <summary>Numbers are moved, picked or repeated, and stay what they are.</summary>
    public static bool IsMove(NodeProto node) => OpNames.IsStandard(node.Domain) && (node.OpType is OpNames.Reshape or OpNames.Flatten or OpNames.Transpose or OpNames.Squeeze or OpNames.Unsqueeze
        or OpNames.Expand or OpNames.Tile or OpNames.Slice or OpNames.Gather or OpNames.MaxPool or OpNames.GlobalMaxPool or OpNames.DepthToSpace or OpNames.SpaceToDepth or OpNames.Identity
        || (node.OpType is OpNames.Resize or OpNames.Upsample && node.Text("mode", "nearest") == "nearest"));
}
