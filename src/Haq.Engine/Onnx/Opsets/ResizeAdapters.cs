using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>From Upsample to Resize, and Resize's ways of counting pixels.</summary>
internal static class ResizeAdapters
{
    public static void ScalesToInput(OpsetStep step, NodeProto node)
    {
        if (node.Floats("scales") is not { } scales) throw step.CannotRaise(node, "has no scales");
        node.Without("scales");
        OpsetStep.SetInput(node, 1, step.Add(TensorData.Of("", [scales.Length], scales.AsSpan()), $"{OpsetStep.NameOf(node)}_scales"));
    }

    public static void UpsampleToResize(OpsetStep step, NodeProto node) => node.OpType = OpNames.Resize;

    /// <summary>
    /// Operator set 10 divided positions by the scale and took the pixel below when enlarging and above when shrinking. Operator set 11 has names for that.
    /// </summary>
    public static void Resize11(OpsetStep step, NodeProto node)
    {
        node.With("coordinate_transformation_mode", "asymmetric");
        if (node.Text("mode", "nearest") == "nearest")
        {
            float[]? scales = step.Floats(node.InputAt(1));
            bool enlarges = scales?.All(s => s >= 1) ?? false;
            if (!enlarges && !(scales?.All(s => s <= 1) ?? false)) throw step.CannotRaise(node, "takes the nearest pixel with scales that are not constant, or enlarge one way and shrink the other");
            node.With("nearest_mode", enlarges ? "floor" : "ceil");
        }
        string roi = step.Add(TensorData.Of("", [0], ReadOnlySpan<float>.Empty), $"{OpsetStep.NameOf(node)}_roi");
        node.Input.Insert(1, roi);
    }

    /// <summary>
    /// tf_half_pixel_for_nn, which went away, took h = (x + 1/2) / scale where half_pixel takes h - 1/2. Rounding differently makes up for that half:
    /// floor(h) = round_prefer_ceil(h - 1/2) and round_prefer_floor(h) = ceil(h - 1/2); the other two have no equivalent.
    /// </summary>
    public static void Resize13(OpsetStep step, NodeProto node)
    {
        if (node.Text("coordinate_transformation_mode", "half_pixel") != "tf_half_pixel_for_nn") return;
        string? rounding = node.Text("mode", "nearest") != "nearest" ? null : node.Text("nearest_mode", "round_prefer_floor") switch
        {
            "floor" => "round_prefer_ceil",
            "round_prefer_floor" => "ceil",
            _ => null,
        };
        if (rounding is null) throw step.CannotRaise(node, "counts pixels as tf_half_pixel_for_nn in a way that later versions cannot");
        node.With("coordinate_transformation_mode", "half_pixel").With("nearest_mode", rounding);
    }
}
