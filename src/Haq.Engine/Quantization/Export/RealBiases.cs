using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Stores biases as the reals that their integers stand for.</summary>
internal static class RealBiases
{
    /// <summary>Replaces every DequantizeLinear of an INT32 constant by its result, in place.</summary>
    public static void Write(OnnxModel model)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "biases in reals");
        bool any = false;
        foreach (var node in view.Order.Where(n => n.Is(OpNames.DequantizeLinear)))
        {
            if (view.ConstantOf(node.Input[0]) is not { } integers || TensorData.TypeOf(integers) != DataType.Int32) continue;
            long[] values = view.Longs(node.Input[0])!;
            float[] scales = view.Floats(node.Input[1])!, reals = new float[values.Length];
            // As DequantizeLinear computes it: the integer as a real, times the scale, in 32 bits. A bias has its channels alone.
            for (int i = 0; i < reals.Length; i++) reals[i] = (float)(int)values[i] * scales[i % scales.Length];
            patch.Remove(node);
            patch.Put(TensorData.Of(node.Output[0], [.. integers.Dims], reals));
            any = true;
        }
        if (any) patch.Apply();
    }
}
