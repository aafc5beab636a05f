using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>Attributes that became inputs, and defaults that changed.</summary>
internal static class AttributeAdapters
{
    public static void SliceToInputs(OpsetStep step, NodeProto node)
    {
        step.IntsToInput(node, "starts", 1);
        step.IntsToInput(node, "ends", 2);
        step.IntsToInput(node, "axes", 3);
    }

    public static void TopKToInput(OpsetStep step, NodeProto node)
    {
        long k = node.Int("k", 0);
        node.Without("k");
        OpsetStep.SetInput(node, 1, step.AddInts([k], $"{OpsetStep.NameOf(node)}_k"));
    }

    public static void ClipToInputs(OpsetStep step, NodeProto node)
    {
        foreach (var (attribute, input) in new[] { ("min", 1), ("max", 2) })
        {
            if (node.Attribute(attribute) is not { } bound) continue;
            node.Without(attribute);
            OpsetStep.SetInput(node, input, step.AddScalarLike(node.Input[0], bound.F, $"{OpsetStep.NameOf(node)}_{attribute}"));
        }
    }

    public static void PadToInputs(OpsetStep step, NodeProto node)
    {
        step.IntsToInput(node, "pads", 1);
        if (node.Attribute("value") is not { } value) return;
        node.Without("value");
        OpsetStep.SetInput(node, 2, step.AddScalarLike(node.Input[0], value.F, $"{OpsetStep.NameOf(node)}_value"));
    }

    public static void DropoutToInput(OpsetStep step, NodeProto node)
    {
        float ratio = node.Float("ratio", 0.5f);
        node.Without("ratio");
        OpsetStep.SetInput(node, 1, step.Add(TensorData.Scalar("", ratio), $"{OpsetStep.NameOf(node)}_ratio"));
    }

    // Sizes are either given or counted from now on.
    public static void CountSplitOutputs(OpsetStep step, NodeProto node)
    {
        if (node.InputAt(1).Length == 0) node.With("num_outputs", node.Output.Count);
    }

    public static void KeepRoiAlignMode(OpsetStep step, NodeProto node)
    {
        if (node.Attribute("coordinate_transformation_mode") is null) node.With("coordinate_transformation_mode", "output_half_pixel");
    }

    public static void RenameGridSampleModes(OpsetStep step, NodeProto node)
    {
        string mode = node.Text("mode", "bilinear");
        node.With("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
    }

    public static void DftAxisToInput(OpsetStep step, NodeProto node)
    {
        long axis = node.Int("axis", 1);
        node.Without("axis");
        OpsetStep.SetInput(node, 2, step.Add(TensorData.Scalar("", DataType.Int64, axis), $"{OpsetStep.NameOf(node)}_axis"));
    }
}
