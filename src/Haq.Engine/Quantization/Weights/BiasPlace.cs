using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>Where a layer adds its bias: its own third input, or for a MatMul the Add after it.</summary>
/// <param name="Values">A value per output channel; null where there is no bias yet.</param>
/// <param name="Added">The Add that adds it; null where the layer does so itself, or where the Add is still to be put in.</param>
/// <param name="AddedInput">Which of the Add's inputs the bias is.</param>
/// <param name="Shape">Extents of a bias tensor that broadcasts along the output channels.</param>
internal sealed record BiasPlace(float[]? Values, NodeProto? Added, int AddedInput, long[] Shape)
{
    /// <summary>The place; null where a bias per output channel cannot be put: it is computed, scaled, or differs from row to row.</summary>
    public static BiasPlace? Of(GraphView view, FoundLayer found)
    {
        int channels = found.Layer.Shape.Out;
        if (found.Node.Is(OpNames.MatMul)) return OfProduct(view, found, channels);
        // A constant on the left of a Gemm makes rows of outputs; its C runs along the columns.
        if (found.Node.Is(OpNames.Gemm) && (found.WeightInput != 1 || found.Node.Float("beta", 1) != 1 || found.Node.Float("alpha", 1) != 1)) return null;
        if (found.Bias is null) return new BiasPlace(null, null, 0, [channels]);
        if (view.ConstantOf(found.Bias) is not { } own || !ChannelConstant.IsRowOrScalar(own, channels)) return null;
        float[] values = view.Floats(found.Bias)!;
        return new BiasPlace(values.Length == channels ? values : [.. Enumerable.Repeat(values[0], channels)], null, 0, [channels]);
    }

    private static BiasPlace? OfProduct(GraphView view, FoundLayer found, int channels)
    {
        bool left = found.WeightInput == 0;
        // A vector times a constant has no dimension after its channels; whether it is one, a single row does not tell.
        if (found.WeightShape.Length != 2 || (left && found.Layer.Shape.OutputPixels == 1)) return null;
        long[] shape = left ? [channels, 1] : [channels];
        if (!view.IsOutput(found.Output) && view.ConsumersOf(found.Output) is [var next] && next.Is(OpNames.Add))
        {
            int input = next.InputAt(0) == found.Output ? 1 : 0;
            if (next.InputAt(1 - input) == found.Output && view.ConstantOf(next.InputAt(input)) is { } constant && TensorData.TypeOf(constant) == DataType.Float
                && TensorData.Count(constant) == channels && constant.Dims.Count >= shape.Length && constant.Dims[^shape.Length] == channels)
            {
                return new BiasPlace(TensorData.ToFloats(constant, view.Model.External), next, input, [.. constant.Dims]);
            }
        }
        return new BiasPlace(null, null, 0, shape);
    }
}
