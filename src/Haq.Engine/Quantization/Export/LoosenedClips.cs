using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// A Clip that ends less than half a scale inside of the range of the QuantizeLinear behind it changes none of the integers. ONNX Runtime 1.29 (no
/// longer 1.31.1, which drops it) takes such a Clip for superfluous in one place and not
/// in another, and then refuses the model ("two nodes with same node name"). With limits that are the range's own it is superfluous in both.
/// </summary>
internal static class LoosenedClips
{
    /// <summary>Moves the limits of such Clips outwards, in place.</summary>
    public static void Apply(OnnxModel model)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "loosen limits of clips");
        bool any = false;
        foreach (var quantize in view.Order.Where(n => n.Is(OpNames.QuantizeLinear)))
        {
            if (view.ProducerOf(quantize.Input[0]) is not { } clip || !clip.Is(OpNames.Clip) || view.IsOutput(clip.Output[0]) || view.ConsumersOf(clip.Output[0]).Count != 1) continue;
            if (Scalar(view, quantize.InputAt(1)) is not { } scale || view.Longs(quantize.InputAt(2)) is not [var zero] || TypeOf(view, quantize) is not { } type) continue;
            if (Limit(view, clip, 1, float.NegativeInfinity) is not { } low || Limit(view, clip, 2, float.PositiveInfinity) is not { } high) continue;
            var (least, most) = ElementTypes.IntegerRange(type);
            float lowest = (least - zero) * scale, highest = (most - zero) * scale;
            bool changesNothing = MathF.Round(low / scale) + zero <= least && MathF.Round(high / scale) + zero >= most;
            if (!changesNothing || (low <= lowest && high >= highest)) continue;
            string stem = patch.FreshName($"{clip.Output[0]}_limits");
            patch.Put(TensorData.Scalar($"{stem}.low", Math.Min(low, lowest)));
            patch.Put(TensorData.Scalar($"{stem}.high", Math.Max(high, highest)));
            patch.Replace(clip, OnnxNode.Of(OpNames.Clip, [clip.Input[0], $"{stem}.low", $"{stem}.high"], [clip.Output[0]], clip.Name));
            any = true;
        }
        if (any) patch.Apply();
    }

    private static DataType? TypeOf(GraphView view, NodeProto quantize) => view.ConstantOf(quantize.InputAt(2)) is { } zero ? TensorData.TypeOf(zero) : null;

    private static float? Limit(GraphView view, NodeProto clip, int input, float none) => clip.InputAt(input).Length == 0 ? none : Scalar(view, clip.InputAt(input));

    private static float? Scalar(GraphView view, string tensor) =>
        view.ConstantOf(tensor) is { } constant && TensorData.TypeOf(constant) == DataType.Float && view.Floats(tensor) is [var value] ? value : null;
}
