using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Search;

namespace Haq.Tool.Output;

/// <summary>What a search found for one target.</summary>
/// <param name="Hardware">The target's name.</param>
/// <param name="Layers">The network's layers, by index.</param>
/// <param name="Outcome">The search's result.</param>
/// <param name="Pricing">What policies cost there.</param>
/// <param name="Scores">How much each choice hurts by itself, where that was asked for.</param>
/// <param name="Wide">Weights of 8 bits with activations of 16 throughout, measured on the same samples; null where the target has no such choice.</param>
/// <param name="Front">The trade-off curve, where that was asked for.</param>
internal sealed record FoundPolicy(
    string Hardware, IReadOnlyList<QuantizableLayer> Layers, SearchOutcome Outcome, Pricing Pricing, SensitivityTable? Scores, SearchedPolicy? Wide, IReadOnlyList<FrontPoint>? Front)
{
    /// <summary>Mean bits of a weight over all layers.</summary>
    public double MeanBits => Layers.Sum(l => (double)l.Shape.Weights * Outcome.Policy[l.Index].Weights.Bits) / Layers.Sum(l => (double)l.Shape.Weights);
}
