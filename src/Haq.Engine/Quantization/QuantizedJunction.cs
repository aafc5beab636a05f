using Haq.Engine.Quantization.Places;

namespace Haq.Engine.Quantization;

/// <summary>A tensor between layers and the 8-bit quantizer that it is read through.</summary>
/// <param name="Junction">The tensor and who reads it.</param>
/// <param name="Quantizer">Its quantizer.</param>
public sealed record QuantizedJunction(Junction Junction, Quantizer Quantizer);
