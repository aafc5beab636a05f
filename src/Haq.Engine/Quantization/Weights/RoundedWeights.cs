namespace Haq.Engine.Quantization.Weights;

/// <summary>Quantized weights, and what they take from the mean of each output channel, which the bias can give back; null where that is not known.</summary>
internal sealed record RoundedWeights(QuantizedWeights Weights, double[]? MeanLoss);
