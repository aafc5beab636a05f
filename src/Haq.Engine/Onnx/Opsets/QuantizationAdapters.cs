using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>Quantization parameters.</summary>
internal static class QuantizationAdapters
{
    /// <summary>Operator set 10 took a scale of shape [1] for all channels; since 13 a list is one scale per slice of an axis, so a scalar is what is meant.</summary>
    public static void ScalarParameters(OpsetStep step, NodeProto node)
    {
        for (int input = 1; input <= 2; input++)
        {
            if (step.Constant(node.InputAt(input)) is not { Dims: [1] } list) continue;
            var scalar = list.Clone();
            scalar.Dims.Clear();
            node.Input[input] = step.Add(scalar, $"{list.Name}_scalar");
        }
    }
}
