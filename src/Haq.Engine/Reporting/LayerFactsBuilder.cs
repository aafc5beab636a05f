using System.Collections.Immutable;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>Describes every layer of a network under one policy: cost, bound, roofline, and why its bits are what they are.</summary>
/// <param name="target">The hardware.</param>
/// <param name="costs">Its costs for these layers.</param>
/// <param name="layers">By index.</param>
public sealed class LayerFactsBuilder(HardwareTarget target, CostTable costs, IReadOnlyList<QuantizableLayer> layers)
{
    private readonly Policy _eight = Policy.Uniform(layers.Count, LayerBits.Uniform(Bitwidth.Eight));

    /// <summary>What each layer could have had instead; null where the policy was given.</summary>
    public LayerChoices? Choices { get; init; }

    /// <summary>How much each width of each layer hurts by itself; null where the strategy does not score.</summary>
    public SensitivityTable? Scores { get; init; }

    /// <summary>Reasons of the layers whose bits were not free, by index.</summary>
    public IReadOnlyDictionary<int, string> Pinned { get; init; } = new Dictionary<int, string>();

    /// <summary>What each is computed from, by index; empty where that is not known.</summary>
    public ImmutableArray<ImmutableArray<int>> Sources { get; init; } = [];

    /// <summary>The facts, by index. Figures that only data gives (SQNR, clipping) are left for the caller to add.</summary>
    public ImmutableArray<LayerFacts> Build(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Count != layers.Count) throw new ArgumentException($"a policy of {policy.Count} layers for a network of {layers.Count}", nameof(policy));
        var explanation = new LayerExplanation(layers, costs, policy, Choices, Scores);
        return [.. layers.Select(layer => Describe(layer, policy, explanation))];
    }

    private LayerFacts Describe(QuantizableLayer layer, Policy policy, LayerExplanation explanation)
    {
        var bits = policy[layer.Index];
        var computed = layer.Shape.IsTensor ? bits : target.Bits.RoundUp(bits);
        return new LayerFacts
        {
            Index = layer.Index,
            Name = layer.Name,
            Op = layer.Shape.Op.ToString(),
            Shape = layer.Shape.ToString(),
            Depthwise = layer.Shape.IsDepthwise,
            Macs = layer.Shape.Macs,
            WeightCount = layer.Shape.Weights,
            ActivationGroup = layer.ActivationGroup,
            ActivationElements = layer.Shape.InputElements,
            Sources = Sources.IsEmpty ? [] : Sources[layer.Index],
            Chosen = CostOf(layer, bits, costs.CostIn(policy, layer.Index)),
            At8Bit = CostOf(layer, LayerBits.Uniform(Bitwidth.Eight), costs.CostIn(_eight, layer.Index)),
            Pinned = Pinned.GetValueOrDefault(layer.Index),
            ComputedWeights = computed is { } w && w.Weights != bits.Weights ? w.Weights.Bits : null,
            ComputedActivations = computed is { } a && a.Activations != bits.Activations ? a.Activations.Bits : null,
            Damage = Scores is null ? null : ScoreReading.Of(Scores, layer.Index, bits),
            Sensitivity = Scores is null ? [] : ScoreReading.All(Scores, layer.Index),
            Why = explanation.Of(layer.Index),
        };
    }

    private LayerCostFacts CostOf(QuantizableLayer layer, LayerBits bits, LayerCost cost)
    {
        var roof = target.RooflineOf(cost, layer.Shape, costs.Batch, bits);
        return LayerCostFacts.Of(cost, bits, layer.Shape.Macs, costs.Batch, roof);
    }
}
