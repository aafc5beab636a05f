using System.Collections.Immutable;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Training;

/// <summary>Turns trained parameters back into the integers, scales and biases that are evaluated and exported.</summary>
internal static class TunedLayers
{
    /// <summary>The network given with the parameters that training arrived at; <paramref name="values"/> reads a tensor of the training graph.</summary>
    public static QuantizedModel Of(QuantizedModel start, TrainingGraph graph, Func<string, float[]> values)
    {
        var scales = graph.Quantizers.Where(q => q.Junction < 0).ToDictionary(q => q.Tensor, q => values(q.Scale), StringComparer.Ordinal);
        var trained = graph.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        return start with
        {
            Junctions = Between(start, graph, values, scales),
            Layers = [.. start.Layers.Select(layer => Tune(layer, scales, trained, values))],
            Constants = start.Constants.SetItems(graph.Constants.Select(name => KeyValuePair.Create(name, ImmutableArray.Create(values(name))))),
        };
    }

    // One that layers read through its very quantizer goes on doing so.
    private static ImmutableArray<QuantizedJunction> Between(QuantizedModel start, TrainingGraph graph, Func<string, float[]> values, Dictionary<string, float[]> scales)
    {
        var own = graph.Quantizers.Where(q => q.Junction >= 0).ToDictionary(q => q.Junction, q => values(q.Scale));
        return [.. start.Junctions.Select((junction, j) =>
            (start.SharesWithLayer(junction) ? scales.GetValueOrDefault(junction.Junction.Tensor) : own.GetValueOrDefault(j)) is [var scale]
                ? junction with { Quantizer = new Quantizer(scale, junction.Quantizer.ZeroPoint, junction.Quantizer.Range) } : junction)];
    }

    private static QuantizedLayer Tune(QuantizedLayer layer, Dictionary<string, float[]> scales, HashSet<string> trained, Func<string, float[]> values)
    {
        var tuned = layer;
        if (layer.Weights is { } weights && trained.Contains(layer.Found.Weight))
            tuned = tuned with { Weights = Round(values(layer.Found.Weight), FakeQuantizer.ScalesFrom(scales[layer.Found.Weight], layer), weights) };
        if (layer.Activation is { } activation)
            tuned = tuned with { Activation = new Quantizer(scales[layer.Found.Input][0], activation.ZeroPoint, activation.Range) };
        string bias = TrainingGraph.BiasName(layer);
        return trained.Contains(bias) ? tuned with { Bias = BiasOf(tuned, values(bias)) } : tuned;
    }

    /// <summary>The bias: integers where the accumulator is one, like before training.</summary>
    public static LayerBias BiasOf(QuantizedLayer layer, float[] bias) =>
        (layer.Activation is { } activation ? LayerBias.Integer([.. bias.Select(b => (double)b)], activation.Scale, layer.Weights!.Scales.AsSpan()) : null) ?? LayerBias.Real(bias);

    private static QuantizedWeights Round(float[] weights, ImmutableArray<float> scales, QuantizedWeights like)
    {
        var layout = like.Layout;
        short[] rounded = new short[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            float scale = scales[i / layout.Inner % layout.Channels];
            rounded[i] = (short)(like.Bits.Bits == 1 ? (weights[i] < 0 ? -1 : 1) : new Quantizer(scale, 0, IntegerRange.Symmetric(like.Bits)).Quantize(weights[i]));
        }
        return new QuantizedWeights(rounded, scales, layout, like.Bits, like.IsPerTensor);
    }
}
