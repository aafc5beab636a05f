using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>Numbers to try on one layer while the rest of the network stays in float.</summary>
/// <param name="Layer">The layer's index.</param>
/// <param name="Activation">The quantizer of what it reads; null leaves that as it is.</param>
/// <param name="Weights">Its weights; null leaves the model's.</param>
/// <param name="Bias">Its bias; null leaves the model's.</param>
internal sealed record LayerVariant(int Layer, Quantizer? Activation, QuantizedWeights? Weights, LayerBias? Bias);
