using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization;

/// <summary>One layer's numbers under a policy: all that an exporter or an evaluator needs besides the float model.</summary>
/// <param name="Found">The layer and where it is in the graph.</param>
/// <param name="Bits">The widths that were asked for.</param>
/// <param name="Weights">The integer weights; null where they stay in floating point.</param>
/// <param name="Bias">What replaces the model's bias; null where that stays as it is.</param>
/// <param name="Activation">The activation quantizer: that of the tensor that it reads; null where that stays in floating point.</param>
public sealed record QuantizedLayer(FoundLayer Found, LayerBits Bits, QuantizedWeights? Weights, LayerBias? Bias, Quantizer? Activation)
{
    /// <summary>What it reads is quantized to 8 bits in every run, with the scale that the numbers of that run ask for.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>Which of the node's inputs the activations are.</summary>
    public int ActivationInput => 1 - Found.WeightInput;

    /// <summary>The layer with another bias: in integers of its accumulator where it has one that holds them, otherwise in real numbers.</summary>
    /// <param name="bias">A value per output channel.</param>
    public QuantizedLayer WithBias(ReadOnlySpan<double> bias)
    {
        var integers = this is { Activation: { } input, Weights: { IsShared: false } weights } ? LayerBias.Integer(bias, input.Scale, weights.Scales.AsSpan()) : null;
        return this with { Bias = integers ?? LayerBias.Real([.. bias.ToArray().Select(b => (float)b)]) };
    }
}
