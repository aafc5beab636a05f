using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Results;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>What one policy does on the samples that reports quote, and what it costs.</summary>
public sealed record Measurement(Policy Policy, PolicyScore Float, PolicyScore Quantized, NetworkCost Cost, NetworkCost EightBit)
{
    /// <summary>The difference in top-1 from the float model, sample by sample; null without labels.</summary>
    public PairedDifference? Difference { get; init; }

    /// <summary>The plan of the file and what it was measured to take; null where the hardware is not measured as whole files.</summary>
    public RegionRecord? Regions { get; init; }

    /// <summary>What each step of quantization gained; empty where not asked for.</summary>
    public ImmutableArray<QuantizationStep> Steps { get; init; } = [];
}
