using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline;

/// <summary>What one policy does on the samples that reports quote, and what it costs.</summary>
public sealed record Measurement(Policy Policy, PolicyScore Float, PolicyScore Quantized, NetworkCost Cost, NetworkCost EightBit);
