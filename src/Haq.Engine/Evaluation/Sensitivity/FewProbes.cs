using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Scores of which only those are measured that a decision may depend on. The noise of a quantizer falls fourfold with each bit, and with it what it
/// does to the loss, so that two widths of a tensor tell what the
/// others between and above them are about; below the noise of the samples they tell it better than a measurement.
/// </summary>
internal sealed class FewProbes
{
    // What a bit more makes of noise power.
    private const double PerBit = 4;

    private readonly ImmutableArray<ImmutableArray<int>> _groups;
    private readonly Dictionary<(int Layer, bool IsWeights), ImmutableArray<Bitwidth>> _widths = [];
    private readonly Dictionary<WidthScore, double> _measured = [];
    private readonly int _layers;

    /// <summary>Nothing is measured yet.</summary>
    public FewProbes(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups)
    {
        (_layers, _groups, Widest) = (choices.Count, groups, ProbeScorer.Widest(choices, groups));
        for (int layer = 0; layer < choices.Count; layer++) _widths[(layer, true)] = Scored(choices[layer].Select(c => c.Weights));
        foreach (var group in groups) _widths[(group[0], false)] = Scored(choices[group[0]].Select(c => c.Activations));
    }

    /// <summary>The policy that all changes are made to.</summary>
    public Policy Widest { get; }

    /// <summary>
    /// What to measure first: the narrowest width of everything, where the effect is far above the noise of the samples, and one two places above it.
    /// </summary>
    public IEnumerable<WidthScore> First => _widths.OrderBy(w => !w.Key.IsWeights).ThenBy(w => w.Key.Layer)
        .SelectMany(w => FirstOf(w.Value).Select(width => new WidthScore(w.Key.Layer, w.Key.IsWeights, width)).Where(s => !IsReference(s)));

    /// <summary>The widest policy with this one change.</summary>
    public Policy PolicyOf(WidthScore score)
    {
        if (score.IsWeights) return ProbeScorer.WithWeights(Widest, score.Layer, score.Width);
        return ProbeScorer.WithActivations(Widest, _groups.First(g => g[0] == score.Layer), score.Width);
    }

    /// <summary>It was measured, or need not be.</summary>
    public bool Knows(WidthScore score) => IsReference(score) || _measured.ContainsKey(score);

    /// <summary>Takes a measured score.</summary>
    public void Learn(WidthScore score, double value) => _measured[score] = value;

    /// <summary>How many were measured.</summary>
    public int Measured => _measured.Count;

    /// <summary>What a policy is made of.</summary>
    public IEnumerable<WidthScore> PartsOf(Policy policy)
    {
        for (int layer = 0; layer < _layers; layer++)
            if (policy[layer].Weights <= SensitivityTable.MaxBits) yield return new WidthScore(layer, true, policy[layer].Weights);
        foreach (var group in _groups)
            if (policy[group[0]].Activations <= SensitivityTable.MaxBits) yield return new WidthScore(group[0], false, policy[group[0]].Activations);
    }

    /// <summary>The score, measured or estimated.</summary>
    public double Of(WidthScore score)
    {
        if (IsReference(score)) return 0;
        if (_measured.TryGetValue(score, out double known)) return known;
        (Bitwidth Width, double Score)? below = null, above = null;
        foreach (var width in _widths[(score.Layer, score.IsWeights)])
        {
            if (!_measured.TryGetValue(score with { Width = width }, out double value)) continue;
            if (width < score.Width) below = (width, value);
            else above ??= (width, value);
        }
        if (below is not { } narrow) return above is { } only ? only.Score * Math.Pow(PerBit, only.Width.Bits - score.Width.Bits) : 0;
        if (above is not { Score: > 0 } wide || narrow.Score == 0) return Math.Max(narrow.Score * Math.Pow(PerBit, narrow.Width.Bits - score.Width.Bits), above?.Score ?? 0);
        double share = (double)(score.Width.Bits - narrow.Width.Bits) / (wide.Width.Bits - narrow.Width.Bits);
        return narrow.Score * Math.Pow(wide.Score / narrow.Score, share);
    }

    /// <summary>All scores, measured and estimated.</summary>
    public SensitivityTable Table(string method)
    {
        double[] weights = SensitivityTable.Unscored(_layers), activations = SensitivityTable.Unscored(_layers);
        foreach (var ((layer, isWeights), widths) in _widths)
        {
            foreach (var width in widths) (isWeights ? weights : activations)[layer * SensitivityTable.MaxBits + width - 1] = Of(new WidthScore(layer, isWeights, width));
        }
        // A group's score counts once.
        foreach (var group in _groups)
        {
            foreach (int member in group.Skip(1))
                foreach (var width in _widths[(group[0], false)]) activations[member * SensitivityTable.MaxBits + width - 1] = 0;
        }
        return new SensitivityTable(weights, activations) { Method = method, Estimated = _widths.Sum(w => w.Value.Count(width => !Knows(new WidthScore(w.Key.Layer, w.Key.IsWeights, width)))) };
    }

    private bool IsReference(WidthScore score) => score.Width == (score.IsWeights ? Widest[score.Layer].Weights : Widest[score.Layer].Activations);

    private static IEnumerable<Bitwidth> FirstOf(ImmutableArray<Bitwidth> widths) => widths.Length <= 3 ? widths : [widths[0], widths[2]];

    private static ImmutableArray<Bitwidth> Scored(IEnumerable<Bitwidth> widths) => [.. widths.Where(w => w <= SensitivityTable.MaxBits).Distinct().Order()];
}
