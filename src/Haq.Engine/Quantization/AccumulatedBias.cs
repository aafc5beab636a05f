using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization;

/// <summary>
/// A bias as the accumulator of integer products takes it, with what the weights lost made up for. If it stayed real, ONNX Runtime would round it (WeightBiasQuantization) and the evaluator
/// would not know; where 32 bits do not hold it, it is real, and the exporter keeps the layer so.
/// </summary>
internal static class AccumulatedBias
{
    /// <summary>A layer's bias; null where the model's own stays.</summary>
    /// <param name="model">The network.</param>
    /// <param name="found">The layer.</param>
    /// <param name="weights">Its weights in integers.</param>
    /// <param name="activation">Its activation quantizer; null where it reads reals.</param>
    /// <param name="loss">How much less each output channel is on average for the rounded weights; null where that is not made up for.</param>
    public static LayerBias? Of(QuantizableModel model, FoundLayer found, QuantizedWeights weights, Quantizer? activation, double[]? loss)
    {
        // Behind a product the addition is a node of its own, with pairs around it.
        if (model.Form is { EveryTensor: true } && found.Node.Is(OpNames.MatMul)) return null;
        if (BiasPlace.Of(model.View, found) is not { } place || (place.Values is null && loss is null)) return null;
        double[] bias = new double[found.Layer.Shape.Out];
        for (int c = 0; c < bias.Length; c++) bias[c] = (place.Values?[c] ?? 0) + (loss?[c] ?? 0);
        bool adds = activation is not null && weights is { IsShared: false, Block: 0 };
        var integers = adds ? LayerBias.Integer(bias, activation!.Value.Scale, weights.Scales.AsSpan()) : null;
        return integers ?? (adds || loss is not null ? LayerBias.Real([.. bias.Select(b => (float)b)]) : null);
    }
}
