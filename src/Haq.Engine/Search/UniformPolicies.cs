using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>The uniform policies (w, a) that a budget allows: what every search has to beat.</summary>
public static class UniformPolicies
{
    /// <summary>Those that no other affordable one has at least as many bits as, in weights and activations; widest activations first. May be empty.</summary>
    public static IReadOnlyList<Policy> Within(SearchSpace space, CostTable costs, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(space);
        var weights = Widths(space, b => b.Weights);
        var activations = Widths(space, b => b.Activations);
        var best = new List<LayerBits>();
        Bitwidth? widest = null;
        foreach (var a in activations.Reverse())
        {
            foreach (var w in weights.Reverse())
            {
                if (widest is { } already && w <= already) break;
                if (!budget.Admits(costs.PriceWhole(space.Uniform(new LayerBits(w, a))))) continue;
                best.Add(new LayerBits(w, a));
                widest = w;
                break;
            }
        }
        return [.. best.Select(space.Uniform).Distinct()];
    }

    private static Bitwidth[] Widths(SearchSpace space, Func<LayerBits, Bitwidth> of) =>
        [.. Enumerable.Range(0, space.Layers).SelectMany(i => space.ChoicesOf(i).ToArray()).Select(of).Distinct().Order()];
}
