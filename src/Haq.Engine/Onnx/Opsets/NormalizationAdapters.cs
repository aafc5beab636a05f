using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>Normalizations, softmax and dropout.</summary>
internal static class NormalizationAdapters
{
    public static void DropSpatial(OpsetStep step, NodeProto node)
    {
        if (node.Int("spatial", 1) == 0) throw step.CannotRaise(node, "normalizes every position on its own (spatial = 0), which later versions cannot");
        node.Without("spatial");
    }

    public static void BatchNormalization14(OpsetStep step, NodeProto node)
    {
        if (step.TrimOutputs(node, 1)) throw step.CannotRaise(node, "is in training form");
    }

    public static void RefuseDropoutMask(OpsetStep step, NodeProto node)
    {
        if (step.TrimOutputs(node, 1)) throw step.CannotRaise(node, "has a mask that is read as a number");
    }

    /// <summary>
    /// Until operator set 12 the input was seen as a matrix [before axis, from axis on] with 1 as the default axis; since then a single axis counts, the last by default.
    /// </summary>
    public static void FlattenSoftmax(OpsetStep step, NodeProto node)
    {
        long axis = node.Int("axis", 1);
        if (axis == -1 || (step.RankOf(node.Input[0]) is { } rank && (axis == rank - 1 || axis == -1)))
        {
            node.With("axis", -1);
            return;
        }
        string name = OpsetStep.NameOf(node), output = node.Output[0];
        string shape = step.Fresh($"{name}_shape"), matrix = step.Fresh($"{name}_matrix"), result = step.Fresh($"{name}_rows");
        var softmax = node.Clone();
        softmax.Input[0] = matrix;
        softmax.Output[0] = result;
        softmax.With("axis", -1);
        step.Replace(
            node,
            OnnxNode.Of(OpNames.Shape, [node.Input[0]], [shape], shape),
            OnnxNode.Of(OpNames.Flatten, [node.Input[0]], [matrix], matrix).With("axis", axis),
            softmax,
            OnnxNode.Of(OpNames.Reshape, [result, shape], [output], step.Fresh($"{name}_unflatten")));
    }

    // Scale and bias were per group and are per channel now: [groups] -> [channels].
    public static void GroupNormalization21(OpsetStep step, NodeProto node)
    {
        int groups = checked((int)node.Int("num_groups", 1));
        foreach (int input in new[] { 1, 2 })
        {
            // Reshape [groups] to [groups,1], Expand to [groups, channels/groups], Reshape to [channels]; the channel count is read from the input.
            string name = $"{OpsetStep.NameOf(node)}_{(input == 1 ? "scale" : "bias")}";
            string column = step.Fresh($"{name}_column"), channels = step.Fresh($"{name}_channels"), each = step.Fresh($"{name}_each");
            string size = step.Fresh($"{name}_size"), wide = step.Fresh($"{name}_wide"), flat = step.Fresh($"{name}_per_channel");
            string groupCount = step.AddInts([groups], $"{name}_groups");
            step.InsertBefore(
                node,
                OnnxNode.Of(OpNames.Reshape, [node.Input[input], step.AddInts([groups, 1], $"{name}_as_column")], [column], column),
                OnnxNode.Of(OpNames.Shape, [node.Input[0]], [channels], channels).With("start", 1).With("end", 2),
                OnnxNode.Of(OpNames.Div, [channels, groupCount], [each], each),
                OnnxNode.Of(OpNames.Concat, [groupCount, each], [size], size).With("axis", 0),
                OnnxNode.Of(OpNames.Expand, [column, size], [wide], wide),
                OnnxNode.Of(OpNames.Reshape, [wide, step.AddInts([-1], $"{name}_flat")], [flat], flat));
            node.Input[input] = flat;
        }
    }
}
