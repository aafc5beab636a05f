using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Diagnosis;

/// <summary>What quantization does to one layer of a network, and what the layer does to the network. Ratios in decibels, damage as the loss (KL divergence in nats for classifiers).</summary>
public sealed record LayerDiagnosis
{
    /// <summary>The layer's index.</summary>
    public required int Layer { get; init; }

    /// <summary>Its widths under the policy.</summary>
    public required LayerBits Bits { get; init; }

    /// <summary>
    /// By how much the network's loss falls when this layer alone goes back to float, everything else quantized; negative where its error made up
    /// for another's; null where not asked for.
    /// </summary>
    public double? GivenBack { get; init; }

    /// <summary>The network's loss with only this layer quantized; null where not asked for.</summary>
    public double? Alone { get; init; }

    /// <summary>Signal to quantization-noise ratio of the layer's output, fed by the float network; null without noise.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>The same with only the weights quantized.</summary>
    public double? WeightSqnrDb { get; init; }

    /// <summary>The same with only the input quantized.</summary>
    public double? InputSqnrDb { get; init; }

    /// <summary>The ratio of the layer's output in the quantized network, all damage before it included.</summary>
    public double? PathSqnrDb { get; init; }

    /// <summary>What it reads, as calibration saw it; null where that is not quantized.</summary>
    public InputDiagnosis? Input { get; init; }

    /// <summary>The greatest weight range of a channel over the median channel's: what one scale for all channels would cost.</summary>
    public required double ChannelSpread { get; init; }

    /// <summary>Bits that a signed accumulator needs; null where the layer is not computed in integers.</summary>
    public int? AccumulatorBits { get; init; }

    /// <summary>The loss with only this layer's weights quantized, by bits; empty where not asked for.</summary>
    public ImmutableSortedDictionary<int, double> DamageOfWeights { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>The loss with only its input quantized, by bits; empty where not asked for.</summary>
    public ImmutableSortedDictionary<int, double> DamageOfActivations { get; init; } = ImmutableSortedDictionary<int, double>.Empty;
}
