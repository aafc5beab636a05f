using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Importing;

/// <summary>The reals that a DequantizeLinear of a constant stands for, number for number as ONNX defines them: (q − zero point) · scale in float32.</summary>
internal static class StoredReals
{
    /// <summary>The values of a DequantizeLinear's result; null where its input is not constant, its grid is computed, or its type is none of integers.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="view">The graph.</param>
    /// <param name="dequantize">The node.</param>
    /// <param name="grid">Its grid.</param>
    public static TensorProto? Of(string name, GraphView view, NodeProto dequantize, TensorGrid grid)
    {
        if (grid.Scales.IsEmpty || grid.ZeroPoints.IsEmpty) return null;
        string stored = dequantize.InputAt(0);
        if (view.ConstantOf(stored) is { } integers && ElementTypes.IsInteger(TensorData.TypeOf(integers)))
            return Reals(name, [.. integers.Dims], view.Longs(stored)!, grid);
        // Some tools store reals behind a whole pair.
        if (view.ProducerOf(stored) is not { } quantize || quantize.OpType != OpNames.QuantizeLinear || view.ConstantOf(quantize.InputAt(0)) is not { } reals) return null;
        if (!ElementTypes.IsInteger(grid.Type) || view.Floats(quantize.InputAt(0)) is not { } values) return null;
        long[] dims = [.. reals.Dims], rounded = new long[values.Length];
        var (min, max) = ElementTypes.IntegerRange(grid.Type);
        var place = new GridPlace(dims, grid);
        for (int i = 0; i < rounded.Length; i++)
        {
            int at = place.Of(i);
            rounded[i] = Math.Clamp((long)MathF.Round(values[i] / place.Scale(at)) + place.ZeroPoint(at), min, max);
        }
        return Reals(name, dims, rounded, grid);
    }

    private static TensorProto Reals(string name, long[] dims, long[] integers, TensorGrid grid)
    {
        var place = new GridPlace(dims, grid);
        float[] reals = new float[integers.Length];
        for (int i = 0; i < reals.Length; i++)
        {
            int at = place.Of(i);
            reals[i] = (int)(integers[i] - place.ZeroPoint(at)) * place.Scale(at);
        }
        return TensorData.Of(name, dims, reals);
    }
}
