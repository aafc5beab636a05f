using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>
/// The choices of every layer. Never empty; a pinned layer has exactly one. Layers of one activation group offer the same activation widths,
/// so that every width of the group can be taken by all its members. Immutable.
/// </summary>
public sealed class SearchSpace
{
    private readonly ImmutableArray<ImmutableArray<LayerBits>> _choices;
    private readonly ImmutableArray<ImmutableArray<Bitwidth>> _activations;
    private readonly ImmutableArray<int> _groupOf;

    /// <summary>A space with the given choices, by layer index, in which every layer is a group of its own.</summary>
    /// <exception cref="ArgumentException">A layer has no choice.</exception>
    public SearchSpace(ImmutableArray<ImmutableArray<LayerBits>> choices) : this(choices, [.. Enumerable.Range(0, choices.Length)]) { }

    /// <summary>A space with the given choices and activation groups, by layer index.</summary>
    /// <exception cref="ArgumentException">A layer has no choice, or the members of a group offer different activation widths.</exception>
    public SearchSpace(ImmutableArray<ImmutableArray<LayerBits>> choices, ImmutableArray<int> groupOf)
    {
        if (groupOf.Length != choices.Length) throw new ArgumentException("expected one group per layer", nameof(groupOf));
        for (int i = 0; i < choices.Length; i++)
            if (choices[i].IsDefaultOrEmpty) throw new ArgumentException($"layer {i} has no choice", nameof(choices));
        _choices = [.. choices.Select(c => c.Distinct().OrderBy(b => b.Weights).ThenBy(b => b.Activations).ToImmutableArray())];
        _activations = [.. _choices.Select(c => c.Select(b => b.Activations).Distinct().Order().ToImmutableArray())];
        _groupOf = groupOf;
        Groups = [.. Enumerable.Range(0, choices.Length).GroupBy(i => groupOf[i]).Select(g => g.ToImmutableArray()).OrderBy(g => g[0])];
        foreach (var group in Groups)
        {
            foreach (int member in group)
            {
                if (!_activations[member].SequenceEqual(_activations[group[0]]))
                    throw new ArgumentException($"layers {group[0]} and {member} share activations but offer different widths", nameof(choices));
            }
        }
    }

    /// <summary>Number of layers.</summary>
    public int Layers => _choices.Length;

    /// <summary>The layers of every activation group, ascending, by their first layer.</summary>
    public ImmutableArray<ImmutableArray<int>> Groups { get; }

    /// <summary>The pairs that every layer may take, by layer.</summary>
    public IReadOnlyList<LayerBits[]> Choices => [.. _choices.Select(c => c.ToArray())];

    /// <summary>The pairs that layer may take, ascending by weights, then activations.</summary>
    public ReadOnlySpan<LayerBits> ChoicesOf(int layer) => _choices[layer].AsSpan();

    /// <summary>The activation widths that layer, and with it its whole group, may take, ascending.</summary>
    public ReadOnlySpan<Bitwidth> ActivationsOf(int layer) => _activations[layer].AsSpan();

    /// <summary>The weight widths that layer may take together with an activation width, ascending.</summary>
    public ImmutableArray<Bitwidth> WeightsOf(int layer, Bitwidth activations) =>
        [.. _choices[layer].Where(c => c.Activations == activations).Select(c => c.Weights)];

    /// <summary>The layers that share their activation bits with <paramref name="layer"/>, itself included.</summary>
    public ImmutableArray<int> GroupOf(int layer) => Groups.First(g => _groupOf[g[0]] == _groupOf[layer]);

    /// <summary>Every layer's bits are among its choices, and groups agree on their activations.</summary>
    public bool Contains(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Count != Layers) return false;
        for (int i = 0; i < Layers; i++)
            if (!ChoicesOf(i).Contains(policy[i])) return false;
        foreach (var group in Groups)
        {
            foreach (int member in group)
                if (policy[member].Activations != policy[group[0]].Activations) return false;
        }

        return true;
    }

    /// <summary>
    /// The uniform policy of <paramref name="bits"/>: every free layer takes the narrowest pair that is at least as wide, or its widest where it has none;
    /// pinned layers stay as they are.
    /// </summary>
    public Policy Uniform(LayerBits bits)
    {
        var policy = new LayerBits[Layers];
        foreach (var group in Groups)
        {
            var widths = _activations[group[0]];
            Bitwidth activations = AtLeast(widths, bits.Activations);
            foreach (int member in group) policy[member] = new LayerBits(AtLeast(WeightsOf(member, activations), bits.Weights), activations);
        }
        return new Policy([.. policy]);
    }

    /// <summary>The policy of the widest choices, with which sensitivities are compared.</summary>
    public Policy Widest => Uniform(new LayerBits(Bitwidth.Max, Bitwidth.Max));

    /// <summary>This space with fewer choices: those that <paramref name="keep"/> accepts.</summary>
    /// <exception cref="ArgumentException">A layer is left without a choice, or a group without a common activation width.</exception>
    internal SearchSpace Where(Func<int, LayerBits, bool> keep) => Consistent([.. _choices.Select((c, i) => c.Where(b => keep(i, b)).ToImmutableArray())], _groupOf);

    /// <summary>Drops the pairs whose activation width some member of the group cannot take.</summary>
    internal static SearchSpace Consistent(ImmutableArray<ImmutableArray<LayerBits>> choices, ImmutableArray<int> groupOf)
    {
        var common = new Dictionary<int, HashSet<Bitwidth>>();
        for (int i = 0; i < choices.Length; i++)
        {
            var widths = choices[i].Select(c => c.Activations);
            if (common.TryGetValue(groupOf[i], out var seen)) seen.IntersectWith(widths);
            else common[groupOf[i]] = [.. widths];
        }
        return new SearchSpace([.. choices.Select((c, i) => c.Where(b => common[groupOf[i]].Contains(b.Activations)).ToImmutableArray())], groupOf);
    }

    private static Bitwidth AtLeast(ImmutableArray<Bitwidth> ascending, Bitwidth width)
    {
        foreach (var candidate in ascending)
            if (candidate >= width) return candidate;
        return ascending[^1];
    }
}
