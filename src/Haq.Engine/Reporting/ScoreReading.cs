using System.Collections.Immutable;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>Reads sensitivity scores as a report wants them: a width that was not scored is unknown, not an error.</summary>
internal static class ScoreReading
{
    /// <summary>The predicted damage of one choice; null where a width was not scored.</summary>
    public static double? Of(SensitivityTable scores, int layer, LayerBits bits)
    {
        if (bits.Weights > SensitivityTable.MaxBits || bits.Activations > SensitivityTable.MaxBits) return null;
        double damage = scores.WeightsOf(layer)[bits.Weights - 1] + scores.ActivationsOf(layer)[bits.Activations - 1];
        return double.IsNaN(damage) ? null : damage;
    }

    /// <summary>Everything that was scored, weights first, ascending.</summary>
    public static ImmutableArray<SensitivityFacts> All(SensitivityTable scores, int layer)
    {
        var facts = ImmutableArray.CreateBuilder<SensitivityFacts>();
        ReadOnlySpan<double> weights = scores.WeightsOf(layer), activations = scores.ActivationsOf(layer);
        for (int bits = 1; bits <= SensitivityTable.MaxBits; bits++)
            if (!double.IsNaN(weights[bits - 1])) facts.Add(new SensitivityFacts { Weights = bits, Damage = weights[bits - 1] });
        for (int bits = 1; bits <= SensitivityTable.MaxBits; bits++)
            if (!double.IsNaN(activations[bits - 1])) facts.Add(new SensitivityFacts { Activations = bits, Damage = activations[bits - 1] });
        return facts.ToImmutable();
    }
}
