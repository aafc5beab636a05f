using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>The pairs of widths that a target really computes with. Other pairs round up to one of them, for compute only.</summary>
public sealed class SupportedBits
{
    /// <summary>The legal pairs; at least one.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public SupportedBits(IEnumerable<LayerBits> pairs)
    {
        Pairs = [.. pairs.Distinct().OrderBy(p => p.Weights).ThenBy(p => p.Activations)];
        if (Pairs.IsEmpty) throw new ArgumentException("a target supports at least one pair", nameof(pairs));
        Weights = [.. Pairs.Select(p => p.Weights).Distinct().Order()];
        Activations = [.. Pairs.Select(p => p.Activations).Distinct().Order()];
        PricedWeights = Priced(Weights);
        PricedActivations = Priced(Activations);
    }

    /// <summary>Every combination of a weight width and an activation width that can be computed: floating-point weights go with floating-point activations only.</summary>
    public static SupportedBits Product(IEnumerable<int> weights, IEnumerable<int> activations)
    {
        int[] widths = [.. activations];
        return new SupportedBits(weights.SelectMany(w => widths.Select(a => new LayerBits(w, a))).Where(p => p.IsComputable));
    }

    /// <summary>All legal pairs, ascending by weights, then activations.</summary>
    public ImmutableArray<LayerBits> Pairs { get; }

    /// <summary>The weight widths that occur, ascending.</summary>
    public ImmutableArray<Bitwidth> Weights { get; }

    /// <summary>The activation widths that occur, ascending.</summary>
    public ImmutableArray<Bitwidth> Activations { get; }

    /// <summary>Weight widths that a cost table holds: 1..8, what is supported beyond, each rounded up where it must be, and floating point, which layers may be left in.</summary>
    public ImmutableArray<Bitwidth> PricedWeights { get; }

    /// <summary>Activation widths that a cost table holds.</summary>
    public ImmutableArray<Bitwidth> PricedActivations { get; }

    /// <summary>Every combination of the widths that occur is legal, as far as it can be computed.</summary>
    public bool IsProduct => Pairs.Length == Weights.Sum(w => Activations.Count(a => new LayerBits(w, a).IsComputable));

    /// <summary>It computes in floating point.</summary>
    public bool HasFloat => Contains(LayerBits.Float);

    /// <summary>The pair of most bits.</summary>
    public LayerBits Widest => Pairs.MaxBy(p => p.Weights * p.Activations);

    /// <summary>The target computes with exactly this pair.</summary>
    public bool Contains(LayerBits bits) => Pairs.Contains(bits);

    /// <summary>The narrowest legal pair that holds <paramref name="bits"/>: least product of widths, then least weights; null when none does.</summary>
    public LayerBits? RoundUp(LayerBits bits)
    {
        LayerBits? best = null;
        foreach (var pair in Pairs)
        {
            if (pair.Weights < bits.Weights || pair.Activations < bits.Activations) continue;
            // Integers of any width are no floating point: only what is kept in floating point is computed in it.
            if (pair.Activations.IsFloat && !bits.Activations.IsFloat) continue;
            if (best is not { } b || pair.Weights * pair.Activations < b.Weights * b.Activations) best = pair;
        }
        return best;
    }

    private static ImmutableArray<Bitwidth> Priced(ImmutableArray<Bitwidth> supported)
    {
        int dense = Math.Min(8, supported[^1].Bits);
        return [.. Enumerable.Range(1, dense).Select(b => new Bitwidth(b)).Concat(supported.Where(b => b > dense)).Append(Bitwidth.Float).Distinct()];
    }

    /// <summary>For example <c>weights 2, 4, 8; activations 1..8</c> or <c>w4a8, w4a16, w8a8</c>.</summary>
    public override string ToString() =>
        IsProduct ? $"weights {List(Weights)}; activations {List(Activations)}" : string.Join(", ", Pairs);

    private static string List(ImmutableArray<Bitwidth> widths)
    {
        bool isRange = widths.Length > 2 && widths[^1] - widths[0] == widths.Length - 1;
        return isRange ? $"{widths[0]}..{widths[^1]}" : string.Join(", ", widths.Select(WidthText.Of));
    }
}
