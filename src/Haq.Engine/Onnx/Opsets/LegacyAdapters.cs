using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>Experimental operators of the first exporters (Core ML, Caffe2), which operator set 10 took away, in terms of standard ones.</summary>
internal static class LegacyAdapters
{
    /// <summary>alpha x + beta.</summary>
    public static void Affine(OpsetStep step, NodeProto node) => ScaleAndShift(step, node, node.Float("alpha", 1), TensorData.Scalar("", node.Float("beta", 0)));

    /// <summary>scale x, plus a bias per channel.</summary>
    public static void ImageScaler(OpsetStep step, NodeProto node)
    {
        float[] bias = node.Floats("bias") ?? [0];
        ScaleAndShift(step, node, node.Float("scale", 1), TensorData.Of("", [1, bias.Length, 1, 1], bias.AsSpan()));
    }

    /// <summary>scale x.</summary>
    public static void Scale(OpsetStep step, NodeProto node) =>
        step.Replace(node, OnnxNode.Of(OpNames.Mul, [node.Input[0], Scalar(step, node, node.Float("scale", 1), "scale")], [node.Output[0]], node.Name));

    /// <summary>alpha softplus(beta x).</summary>
    public static void ParametricSoftplus(OpsetStep step, NodeProto node) => Wrapped(step, node, OpNames.Softplus);

    /// <summary>alpha tanh(beta x).</summary>
    public static void ScaledTanh(OpsetStep step, NodeProto node) => Wrapped(step, node, OpNames.Tanh);

    /// <summary>Cuts borders off the last two axes, or a window of a given size.</summary>
    public static void Crop(OpsetStep step, NodeProto node)
    {
        if (node.Ints("border") is not { Length: 4 } border) throw step.CannotRaise(node, "has no border");
        // border = [left, top, right, bottom]; scale = [height, width] replaces right and bottom.
        long[] ends = node.Ints("scale") is { Length: 2 } size ? [border[1] + size[0], border[0] + size[1]] : [End(border[3]), End(border[2])];
        string name = OpsetStep.NameOf(node);
        step.Replace(
            node,
            OnnxNode.Of(
                OpNames.Slice,
                [node.Input[0], step.AddInts([border[1], border[0]], $"{name}_starts"), step.AddInts(ends, $"{name}_ends"), step.AddInts([2, 3], $"{name}_axes")],
                [node.Output[0]], node.Name));
    }

    private static long End(long border) => border == 0 ? long.MaxValue : -border;

    private static void ScaleAndShift(OpsetStep step, NodeProto node, float scale, TensorProto shift)
    {
        string scaled = step.Fresh($"{OpsetStep.NameOf(node)}_scaled");
        step.Replace(
            node,
            OnnxNode.Of(OpNames.Mul, [node.Input[0], Scalar(step, node, scale, "scale")], [scaled], scaled),
            OnnxNode.Of(OpNames.Add, [scaled, step.Add(shift, $"{OpsetStep.NameOf(node)}_shift")], [node.Output[0]], node.Name));
    }

    private static void Wrapped(OpsetStep step, NodeProto node, string op)
    {
        string inner = step.Fresh($"{OpsetStep.NameOf(node)}_inner"), applied = step.Fresh($"{OpsetStep.NameOf(node)}_{op}");
        step.Replace(
            node,
            OnnxNode.Of(OpNames.Mul, [node.Input[0], Scalar(step, node, node.Float("beta", 1), "beta")], [inner], inner),
            OnnxNode.Of(op, [inner], [applied], applied),
            OnnxNode.Of(OpNames.Mul, [applied, Scalar(step, node, node.Float("alpha", 1), "alpha")], [node.Output[0]], node.Name));
    }

    private static string Scalar(OpsetStep step, NodeProto node, float value, string what) => step.AddScalarLike(node.Input[0], value, $"{OpsetStep.NameOf(node)}_{what}");
}
