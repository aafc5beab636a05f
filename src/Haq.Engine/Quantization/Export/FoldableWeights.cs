using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Integer weights as ONNX Runtime folds them when a session is opened: Cast, Sub of the zero point, Mul by the scales. A DequantizeLinear that no
/// integer kernel takes in it computes again in every run.
/// The numbers are the same to the last bit.
/// </summary>
internal static class FoldableWeights
{
    /// <summary>Proposes to write these DequantizeLinear nodes, whose integers are constant, in that form; blocks are left as they are.</summary>
    public static void Write(GraphView view, GraphPatch patch, IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes.Distinct<NodeProto>(ReferenceEqualityComparer.Instance))
        {
            if (node.Int("block_size", 0) > 0 || view.ConstantOf(node.Input[0]) is not { } integers || view.Floats(node.Input[1]) is not { } scales) continue;
            string output = node.Output[0], real = patch.FreshName($"{output}.real"), scale = node.Input[1];
            var parts = new List<NodeProto> { OnnxNode.Of(OpNames.Cast, [node.Input[0]], [real], patch.FreshName($"{output}.Cast")).With("to", (long)DataType.Float) };
            long[] zeros = node.InputAt(2).Length > 0 ? view.Longs(node.InputAt(2))! : [0];
            long axis = node.Int("axis", 1);
            if (axis < 0) axis += integers.Dims.Count;
            long[] Along(int count) => count == 1 ? [] : [.. integers.Dims.Select((_, i) => i == axis ? count : 1L)];
            if (zeros.Any(z => z != 0))
            {
                string shift = patch.FreshName($"{output}.zero"), shifted = patch.FreshName($"{output}.shifted");
                patch.Put(TensorData.Of(shift, Along(zeros.Length), [.. zeros.Select(z => (float)z)]));
                parts.Add(OnnxNode.Of(OpNames.Sub, [real, shift], [shifted], patch.FreshName($"{output}.Sub")));
                real = shifted;
            }
            if (scales.Length > 1)
            {
                scale = patch.FreshName($"{output}.steps");
                patch.Put(TensorData.Of(scale, Along(scales.Length), scales));
            }
            parts.Add(OnnxNode.Of(OpNames.Mul, [real, scale], [output], patch.FreshName($"{output}.Mul")));
            patch.Replace(node, [.. parts]);
        }
    }
}
