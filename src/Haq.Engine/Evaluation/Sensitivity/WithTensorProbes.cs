using System.Collections.Immutable;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Layers scored by a scorer that knows nothing but layers, and the tensors between them by measuring: everything at its widest, one tensor at the width in question. A scorer whose figures only rank
/// has its figures for layers brought to the size of measured damage by one measurement of all layers at their narrowest.
/// </summary>
/// <param name="layers">Scores the layers.</param>
/// <param name="evaluator">Measures the tensors.</param>
/// <param name="count">Number of layers, which come before the tensors.</param>
public sealed class WithTensorProbes(ISensitivityScorer layers, IPolicyEvaluator evaluator, int count) : ISensitivityScorer
{
    /// <inheritdoc/>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        ImmutableArray<ImmutableArray<int>> own = [.. groups.Select(g => g.Where(i => i < count).ToImmutableArray()).Where(g => g.Length > 0)];
        var table = layers.Score([.. choices.Take(count)], own, cancellation);
        double[] weights = SensitivityTable.Unscored(choices.Count), activations = SensitivityTable.Unscored(choices.Count);
        for (int layer = 0; layer < count; layer++)
        {
            table.WeightsOf(layer).CopyTo(weights.AsSpan(layer * SensitivityTable.MaxBits));
            table.ActivationsOf(layer).CopyTo(activations.AsSpan(layer * SensitivityTable.MaxBits));
        }
        var widest = ProbeScorer.Widest(choices, groups);
        if (evaluator is IForesightedEvaluator { HasForesight: true } foresighted)
            foresighted.Announce([.. Policies(choices, widest, table.IsDamage).Distinct().Select(p => new EvaluationRequest(p))]);
        double reference = evaluator.Evaluate(widest, cancellation).Loss, scale = table.IsDamage ? 1 : Scale(table, choices, widest, reference, cancellation);
        if (scale != 1)
            foreach (ref double score in weights.AsSpan(0, count * SensitivityTable.MaxBits)) score *= scale;
        if (scale != 1)
            foreach (ref double score in activations.AsSpan(0, count * SensitivityTable.MaxBits)) score *= scale;
        for (int tensor = count; tensor < choices.Count; tensor++)
        {
            weights[tensor * SensitivityTable.MaxBits + Bitwidth.Eight - 1] = 0;
            foreach (var width in Widths(choices[tensor]))
            {
                bool isWidest = width == widest[tensor].Activations;
                double loss = isWidest ? reference : evaluator.Evaluate(Narrowed(widest, tensor, width), cancellation).Loss;
                activations[tensor * SensitivityTable.MaxBits + width - 1] = Math.Max(0, loss - reference);
            }
        }
        return new SensitivityTable(weights, activations) { Method = table.Method };
    }

    private double Scale(SensitivityTable table, IReadOnlyList<LayerBits[]> choices, Policy widest, double reference, CancellationToken cancellation)
    {
        var narrow = NarrowLayers(choices, widest);
        double predicted = Enumerable.Range(0, count).Sum(i => table.Of(i, narrow[i] with { Activations = Bitwidth.Float }));
        double measured = evaluator.Evaluate(narrow, cancellation).Loss - reference;
        return predicted > 0 && measured > 0 ? measured / predicted : 1;
    }

    // In the order in which they are measured.
    private IEnumerable<Policy> Policies(IReadOnlyList<LayerBits[]> choices, Policy widest, bool isDamage)
    {
        yield return widest;
        if (!isDamage) yield return NarrowLayers(choices, widest);
        for (int tensor = count; tensor < choices.Count; tensor++)
            foreach (var width in Widths(choices[tensor])) yield return Narrowed(widest, tensor, width);
    }

    private Policy NarrowLayers(IReadOnlyList<LayerBits[]> choices, Policy widest) =>
        new([.. choices.Select((c, i) => i < count ? widest[i] with { Weights = c.Min(b => b.Weights) } : widest[i])]);

    private static IEnumerable<Bitwidth> Widths(LayerBits[] choices) => choices.Select(c => c.Activations).Where(a => a <= SensitivityTable.MaxBits);

    private static Policy Narrowed(Policy widest, int tensor, Bitwidth width) => widest.With(tensor, widest[tensor] with { Activations = width });
}
