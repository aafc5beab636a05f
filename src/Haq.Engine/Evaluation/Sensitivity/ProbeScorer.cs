using System.Collections.Immutable;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Scores every width by measuring: everything at its widest, one layer's weights or one group's activations at the width in question. The score is what the
/// damage rises by, at least 0. It sees a choice's effect on the output whole; what choices do to each other it does not see.
/// </summary>
public sealed class ProbeScorer : ISensitivityScorer
{
    private readonly IPolicyEvaluator _evaluator;
    private readonly ProbeDamage _damage;

    /// <summary>A scorer that measures with <paramref name="evaluator"/>.</summary>
    public ProbeScorer(IPolicyEvaluator evaluator, ProbeDamage damage = ProbeDamage.Loss) => (_evaluator, _damage) = (evaluator, damage);

    /// <summary>How many policies it measures.</summary>
    public static int Measurements(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups)
    {
        ArgumentNullException.ThrowIfNull(choices);
        int weights = choices.Sum(c => c.Select(b => b.Weights).Distinct().Count() - 1);
        return 1 + weights + groups.Sum(g => choices[g[0]].Select(b => b.Activations).Distinct().Count() - 1);
    }

    /// <summary>The policies that it measures, in that order.</summary>
    public static IReadOnlyList<Policy> Policies(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups)
    {
        var widest = Widest(choices, groups);
        var policies = new List<Policy> { widest };
        for (int layer = 0; layer < choices.Count; layer++) policies.AddRange(WeightWidths(choices[layer]).Select(w => WithWeights(widest, layer, w)));
        foreach (var group in groups) policies.AddRange(ActivationWidths(choices[group[0]]).Select(a => WithActivations(widest, group, a)));
        return [.. policies.Distinct()];
    }

    /// <inheritdoc/>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        double[] weights = SensitivityTable.Unscored(choices.Count), activations = SensitivityTable.Unscored(choices.Count);
        var widest = Widest(choices, groups);
        if (_evaluator is IForesightedEvaluator { HasForesight: true } foresighted) foresighted.Announce([.. Policies(choices, groups).Select(p => new EvaluationRequest(p))]);
        double reference = DamageOf(widest);
        for (int layer = 0; layer < choices.Count; layer++)
        {
            foreach (var width in WeightWidths(choices[layer]))
                weights[layer * SensitivityTable.MaxBits + width - 1] = Rise(WithWeights(widest, layer, width));
        }
        foreach (var group in groups)
        {
            foreach (var width in ActivationWidths(choices[group[0]]))
            {
                foreach (int member in group) activations[member * SensitivityTable.MaxBits + width - 1] = 0;
                activations[group[0] * SensitivityTable.MaxBits + width - 1] = Rise(WithActivations(widest, group, width));
            }
        }
        return new SensitivityTable(weights, activations) { Method = _damage == ProbeDamage.Loss ? "probe" : "sqnr" };

        double Rise(Policy probe) => probe.Equals(widest) ? 0 : Math.Max(0, DamageOf(probe) - reference);

        double DamageOf(Policy policy) => Read(_evaluator.Evaluate(policy, cancellation));
    }

    private static IEnumerable<Bitwidth> WeightWidths(LayerBits[] choices) => choices.Select(c => c.Weights).Where(w => w <= SensitivityTable.MaxBits).Distinct();

    private static IEnumerable<Bitwidth> ActivationWidths(LayerBits[] choices) => choices.Select(c => c.Activations).Where(a => a <= SensitivityTable.MaxBits).Distinct();

    private static Policy WithWeights(Policy widest, int layer, Bitwidth width) => widest.With(layer, widest[layer] with { Weights = width });

    private static Policy WithActivations(Policy widest, ImmutableArray<int> group, Bitwidth width)
    {
        var probe = widest;
        foreach (int member in group) probe = probe.With(member, widest[member] with { Activations = width });
        return probe;
    }

    // An exact output has no ratio in decibels: no noise.
    private double Read(PolicyScore score) => _damage == ProbeDamage.Loss ? score.Loss : score.SqnrDecibels is { } decibels ? Math.Pow(10, -decibels / 10) : 0;

    internal static Policy Widest(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups)
    {
        var bits = new LayerBits[choices.Count];
        foreach (var group in groups)
        {
            var activations = choices[group[0]].Max(c => c.Activations);
            foreach (int member in group) bits[member] = choices[member].Where(c => c.Activations == activations).MaxBy(c => c.Weights);
        }
        return new Policy([.. bits]);
    }
}
