using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Scores every width by measuring: everything at its widest, one layer's weights or one group's activations at the width in question. The score is what the
/// loss rises by, at least 0. It sees a choice's effect on the output whole; what choices do to each other it does not see.
/// </summary>
public sealed class ProbeScorer
{
    private readonly IPolicyEvaluator _evaluator;

    /// <summary>A scorer that measures with <paramref name="evaluator"/>.</summary>
    public ProbeScorer(IPolicyEvaluator evaluator) => _evaluator = evaluator;

    /// <summary>Scores the widths that occur in <paramref name="choices"/>.</summary>
    /// <param name="choices">By layer; ascending by weights, then activations.</param>
    /// <param name="groups">Layers that share activation bits, each with ascending members.</param>
    /// <param name="cancellation">Ends it between measurements, or within one.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        double[] weights = Empty(choices.Count), activations = Empty(choices.Count);
        var widest = Widest(choices, groups);
        double reference = _evaluator.Evaluate(widest, cancellation).Loss;
        for (int layer = 0; layer < choices.Count; layer++)
        {
            foreach (var width in choices[layer].Select(c => c.Weights).Distinct())
                weights[layer * SensitivityTable.MaxBits + width - 1] = Rise(widest.With(layer, widest[layer] with { Weights = width }));
        }
        foreach (var group in groups)
        {
            foreach (var width in choices[group[0]].Select(c => c.Activations).Where(a => a <= SensitivityTable.MaxBits).Distinct())
            {
                var probe = widest;
                foreach (int member in group)
                {
                    probe = probe.With(member, widest[member] with { Activations = width });
                    activations[member * SensitivityTable.MaxBits + width - 1] = 0;
                }
                activations[group[0] * SensitivityTable.MaxBits + width - 1] = Rise(probe);
            }
        }
        return new SensitivityTable(weights, activations);

        double Rise(Policy probe) => probe.Equals(widest) ? 0 : Math.Max(0, _evaluator.Evaluate(probe, cancellation).Loss - reference);
    }

    private static Policy Widest(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups)
    {
        var bits = new LayerBits[choices.Count];
        foreach (var group in groups)
        {
            var activations = choices[group[0]].Max(c => c.Activations);
            foreach (int member in group) bits[member] = choices[member].Where(c => c.Activations == activations).MaxBy(c => c.Weights);
        }
        return new Policy([.. bits]);
    }

    private static double[] Empty(int layers)
    {
        double[] scores = new double[layers * SensitivityTable.MaxBits];
        Array.Fill(scores, double.NaN);
        return scores;
    }
}
