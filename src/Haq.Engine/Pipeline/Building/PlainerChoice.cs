using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Building;

/// <summary>
/// A mixed policy earns its keep only where it beats one width for all. Where a uniform policy within the budget loses no more on the search set and costs less, it is taken.
/// </summary>
internal static class PlainerChoice
{
    /// <summary>A gain in time, energy or size that is worth a change: one per cent.</summary>
    private const double Worthwhile = 0.99;

    /// <summary>Losses that are equal for all that the search set can tell: within two per cent.</summary>
    private const double Equivalent = 1.02;

    /// <summary>The outcome, or that of the uniform policy in its place.</summary>
    public static SearchOutcome Of(QuantizationPipeline stages, SearchOutcome outcome, SearchObjective objective, CancellationToken cancellation)
    {
        // Other objectives make cost least by themselves; predicted or trained scores do not compare with measured ones.
        if (objective != SearchObjective.Accuracy || outcome.Score is not { } found || !stages.ChoosesByMeasuring) return outcome;
        var pricing = stages.Pricing.Value;
        var chosen = outcome.Policy;
        var cost = pricing.Costs.PriceWhole(chosen);
        var best = outcome;
        for (int bits = Bitwidth.Eight; bits >= 2; bits--)
        {
            if (pricing.Uniform(bits) is not { } uniform || uniform.Equals(chosen) || !pricing.Space.Contains(uniform)) continue;
            var other = pricing.Costs.PriceWhole(uniform);
            bool saves = other.LatencySeconds < cost.LatencySeconds * Worthwhile || other.SizeBits < cost.SizeBits * Worthwhile;
            if (!saves || other.LatencySeconds > cost.LatencySeconds || other.SizeBits > cost.SizeBits || other.EnergyJoules > cost.EnergyJoules || !pricing.Budget.Admits(other)) continue;
            var score = stages.Measurements.Value.Evaluator.Evaluate(uniform, cancellation);
            if (stages.Quality.Of(score) < stages.Quality.Of(found) || score.Loss > found.Loss * Equivalent) break;
            best = outcome with { Bits = SearchOutcome.Flatten(uniform), Score = score, Uniform = bits };
        }
        return best;
    }
}
