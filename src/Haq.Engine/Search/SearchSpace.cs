using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>The choices of every layer. Never empty; a pinned layer has exactly one.</summary>
public sealed class SearchSpace
{
    private readonly ImmutableArray<ImmutableArray<LayerBits>> _choices;

    /// <summary>A space with the given choices, by layer index.</summary>
    /// <exception cref="ArgumentException">A layer has no choice.</exception>
    public SearchSpace(ImmutableArray<ImmutableArray<LayerBits>> choices)
    {
        for (int i = 0; i < choices.Length; i++)
            if (choices[i].IsDefaultOrEmpty) throw new ArgumentException($"layer {i} has no choice", nameof(choices));
        _choices = choices;
    }

    /// <summary>Number of layers.</summary>
    public int Layers => _choices.Length;

    /// <summary>The pairs that layer may take, ascending by weights, then activations.</summary>
    public ReadOnlySpan<LayerBits> ChoicesOf(int layer) => _choices[layer].AsSpan();

    /// <summary>Every layer's bits are among its choices.</summary>
    public bool Contains(Policy policy)
    {
        if (policy.Count != Layers) return false;
        for (int i = 0; i < Layers; i++)
            if (!ChoicesOf(i).Contains(policy[i])) return false;
        return true;
    }
}
