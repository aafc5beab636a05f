using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>One quantized layer: what was chosen, what it costs, what it hurts, and why.</summary>
public sealed record LayerFacts
{
    /// <summary>Position in execution order among the quantizable layers, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The layer's unique name.</summary>
    public required string Name { get; init; }

    /// <summary>For example <c>Conv</c>.</summary>
    public required string Op { get; init; }

    /// <summary>It is a tensor between layers, with a width and without weights.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTensor => Op == nameof(Layers.OpKind.Tensor);

    /// <summary>For example <c>Conv 3x3/2 32->64 56x56</c>.</summary>
    public required string Shape { get; init; }

    /// <summary>Each group reads a single channel.</summary>
    public bool Depthwise { get; init; }

    /// <summary>Multiply-accumulates per image.</summary>
    public required long Macs { get; init; }

    /// <summary>Number of weights, bias excluded.</summary>
    public required long WeightCount { get; init; }

    /// <summary>Layers with the same number share their activation bits.</summary>
    public required int ActivationGroup { get; init; }

    /// <summary>Numbers per sample in the tensor that it reads or is; 0 where an older report does not say.</summary>
    public long ActivationElements { get; init; }

    /// <summary>Indices of the layers and tensors that it is computed from, through what has no width of its own; empty where that is not known.</summary>
    public ImmutableArray<int> Sources { get; init; } = [];

    /// <summary>Cost at the chosen bits, which it also holds.</summary>
    public required LayerCostFacts Chosen { get; init; }

    /// <summary>What it is computed in and what that takes; null where the target is not measured.</summary>
    public PlacementFacts? Placement { get; init; }

    /// <summary>Cost at 8-bit weights and activations.</summary>
    public required LayerCostFacts At8Bit { get; init; }

    /// <summary>Why the bits were not free: first or last layer, or an entry of the manifest; null where they were chosen.</summary>
    public string? Pinned { get; init; }

    /// <summary>The width the hardware computes with where it rounds the weights' up; null where it takes them as they are.</summary>
    public int? ComputedWeights { get; init; }

    /// <summary>The width the hardware computes with where it rounds the activations' up; null where it takes them as they are.</summary>
    public int? ComputedActivations { get; init; }

    /// <summary>Predicted damage of the chosen bits, in nats; null where the strategy does not predict.</summary>
    public double? Damage { get; init; }

    /// <summary>The scores behind the choice; empty where the strategy has none.</summary>
    public ImmutableArray<SensitivityFacts> Sensitivity { get; init; } = [];

    /// <summary>Signal to quantization-noise ratio of this layer's output with only this layer quantized, in decibels; null where unknown.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>The same ratio in the quantized network, with all the damage before this layer; null where unknown.</summary>
    public double? PathSqnrDb { get; init; }

    /// <summary>
    /// By how much the network's loss falls when this layer alone goes back to float, in nats for classifiers; negative where its error makes up for
    /// another's; null where not measured.
    /// </summary>
    public double? GivenBack { get; init; }

    /// <summary>True where <see cref="GivenBack"/> was not measured but estimated from the layer's own noise, by what others with theirs give back; otherwise null.</summary>
    public bool? DamageEstimated { get; init; }

    /// <summary>The network's loss with only this layer quantized; null where not measured.</summary>
    public double? DamageAlone { get; init; }

    /// <summary>Bits that a signed accumulator needs so that no sum overflows; null where the layer is not computed in integers.</summary>
    public int? AccumulatorBits { get; init; }

    /// <summary>Share of input values outside of the quantizer's range, 0..1; null where unknown.</summary>
    public double? Saturation { get; init; }

    /// <summary>Largest absolute input value over the one that 99.9 % of the values keep to; null where unknown.</summary>
    public double? OutlierRatio { get; init; }

    /// <summary>One sentence: what holds the layer up and what the next step down would have cost.</summary>
    public string? Why { get; init; }
}
