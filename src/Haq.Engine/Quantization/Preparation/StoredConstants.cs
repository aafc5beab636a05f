using Haq.Engine.Onnx;

using Haq.Engine.Quantization.Places;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>
/// Stores constants that meet activations (in sums, products, concatenations, normalizations) as 8-bit integers behind a DequantizeLinear, for
/// targets that take no real ones. A single number stays exact.
/// </summary>
internal static class StoredConstants
{
    public const string Label = "store constants beside activations as integers";

    /// <summary>Rewrites all there are in <paramref name="model"/>, in place, and returns the names of the nodes that read them.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        NodeNames.Assign(model.Graph);
        var view = new GraphView(model);
        var patch = new GraphPatch(model, Label);
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        var changed = new List<string>();
        foreach (var node in view.Order.Where(TakesConstants))
        {
            if (node.Input.All(i => i.Length == 0 || view.ConstantOf(i) is not null)) continue;
            for (int i = 0; i < node.Input.Count; i++)
            {
                string name = node.Input[i];
                if (view.ConstantOf(name) is not { } constant || TensorData.TypeOf(constant) != DataType.Float || TensorData.Count(constant) == 0) continue;
                if (!stored.TryGetValue(name, out string? dequantized))
                {
                    if (view.Floats(name) is not { } values || values.Any(v => !float.IsFinite(v))) continue;
                    stored[name] = dequantized = Store(patch, node, name, [.. constant.Dims], values);
                }
                patch.Read(node, i, dequantized);
                changed.Add(node.Name);
            }
        }
        if (changed.Count > 0) patch.Apply();
        return [.. changed.Distinct()];
    }

    private static bool TakesConstants(NodeProto node) =>
        OpFamilies.IsJoin(node) || IsComparison(node) || node.Is(OpNames.Concat) || node.Is(OpNames.PRelu) || node.Is(OpNames.LayerNormalization) || node.Is(OpNames.InstanceNormalization);

    private static bool IsComparison(NodeProto node) =>
        OpNames.IsStandard(node.Domain) && node.OpType is OpNames.Less or OpNames.Greater or OpNames.Equal or "LessOrEqual" or "GreaterOrEqual";

    private static string Store(GraphPatch patch, NodeProto reader, string name, long[] dims, float[] values)
    {
        float low = Math.Min(0, values.Min()), high = Math.Max(0, values.Max());
        var range = IntegerRange.Unsigned((Layers.Bitwidth)8);
        float single = values.Max(Math.Abs);
        // One magnitude alone is a scale of its own.
        bool isSingle = values.All(v => v == 0 || Math.Abs(v) == single) && float.IsNormal(single);
        var quantizer = isSingle ? new Quantizer(single, low < 0 ? 1 : 0, range) : float.IsNormal((high - low) / byte.MaxValue) ? Grid.Spanning(low, high, range) : new Quantizer(1, 0, range);
        string stem = patch.FreshStem($"{name}_quantization");
        patch.Put(TensorData.Of($"{stem}.quantized", DataType.Uint8, dims, [.. values.Select(v => (long)quantizer.Quantize(v))]));
        patch.Put(TensorData.Scalar($"{stem}.scale", quantizer.Scale));
        patch.Put(TensorData.Scalar($"{stem}.zero_point", DataType.Uint8, quantizer.ZeroPoint));
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}.quantized", $"{stem}.scale", $"{stem}.zero_point"], [$"{stem}.dequantized"], $"{stem}.DequantizeLinear"), reader);
        return $"{stem}.dequantized";
    }
}
