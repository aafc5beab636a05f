using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// A knapsack with costs between its items on a graph with cycles: a few groups that cut them (a cover of the edges that a spanning forest leaves out) are fixed at one width each, and what is
/// left is a forest. Where all of their combinations can be tried the answer is the optimum; elsewhere one after another is moved for as long as that helps, and the forest without the edges left
/// out gives the bound.
/// </summary>
internal sealed class CycleCut
{
    private const int MostTried = 32, MostRounds = 3;

    private readonly GroupForest _forest;
    private readonly OptionSet[][][] _options;
    private readonly double[] _limits;
    private readonly int[] _widths;
    private readonly int[] _cut;

    private CycleCut(GroupForest forest, OptionSet[][][] options, double[] limits)
    {
        (_forest, _options, _limits) = (forest, options, limits);
        _widths = [.. options.Select(o => o.Length)];
        _cut = Cover();
    }

    /// <summary>The bits of every layer, their damage and a bound on every answer's; null where none was found, and nothing is affordable where the bound is infinite.</summary>
    public static (LayerBits[]? Bits, double Damage, double Bound) Solve(GroupForest forest, OptionSet[][][] options, double[] limits)
    {
        var relaxed = ForestKnapsack.Solve(forest, options, limits);
        return forest.Left.Count == 0 || relaxed.Bits is null ? relaxed : new CycleCut(forest, options, limits).Run(relaxed.Bits, relaxed.Bound);
    }

    private (LayerBits[]? Bits, double Damage, double Bound) Run(LayerBits[] relaxed, double bound)
    {
        if (_cut.Aggregate(1.0, (n, g) => n * _widths[g]) <= MostTried) return All();
        int[] at = [.. _cut.Select(g => Array.FindIndex(_options[g], members => members[0].Bits[0].Activations == relaxed[members[0].Layer].Activations))];
        var best = Fixed(at);
        if (best.Bits is null) best = Fixed(at = new int[_cut.Length]);
        for (int round = 0; round < MostRounds; round++)
        {
            bool moved = false;
            for (int c = 0; c < _cut.Length; c++)
            {
                for (int width = 0; width < _widths[_cut[c]]; width++)
                {
                    if (width == at[c]) continue;
                    int[] tried = [.. at];
                    tried[c] = width;
                    var next = Fixed(tried);
                    if (next.Damage < best.Damage) (best, at, moved) = (next, tried, true);
                }
            }
            if (!moved) break;
        }
        return best with { Bound = Math.Min(best.Damage, bound) };
    }

    private (LayerBits[]? Bits, double Damage, double Bound) All()
    {
        (LayerBits[]? Bits, double Damage, double Bound) best = (null, double.PositiveInfinity, double.PositiveInfinity);
        int[] at = new int[_cut.Length];
        double bound = double.PositiveInfinity;
        while (true)
        {
            var one = Fixed(at);
            bound = Math.Min(bound, one.Bound);
            if (one.Damage < best.Damage) best = one;
            int c = 0;
            while (c < at.Length && ++at[c] == _widths[_cut[c]]) at[c++] = 0;
            if (c == at.Length) return best with { Bound = bound };
        }
    }

    // With the groups of the cut at those widths every edge left out has one end that is known: it is a cost of the other's choices.
    private (LayerBits[]? Bits, double Damage, double Bound) Fixed(int[] at)
    {
        var kept = new int?[_options.Length];
        for (int c = 0; c < _cut.Length; c++) kept[_cut[c]] = at[c];
        var more = _options.Select(o => new double[o.Length][]).ToArray();
        foreach (var (low, high, costs) in _forest.Left)
        {
            // Both may be known: then the higher one pays.
            bool lowKnown = kept[low] is not null;
            int known = lowKnown ? low : high, pays = lowKnown ? high : low;
            for (int own = 0; own < _widths[pays]; own++)
            {
                int cell = lowKnown ? kept[known]!.Value * _widths[high] + own : own * _widths[high] + kept[known]!.Value;
                more[pays][own] ??= new double[_limits.Length];
                for (int k = 0; k < _limits.Length; k++) more[pays][own][k] += costs[cell * _limits.Length + k];
            }
        }
        var options = _options.Select((widths, g) => widths.Select((members, w) => more[g][w] is { } extra ? [members[0].Plus(extra), .. members.Skip(1)] : members)
            .Where((_, w) => kept[g] is not { } one || one == w).ToArray()).ToArray();
        return ForestKnapsack.Solve(_forest.With(kept, _widths), options, _limits);
    }

    // Of the ends of the edges left out, always the one that most of them have.
    private int[] Cover()
    {
        var open = _forest.Left.Select(e => (e.Low, e.High)).ToList();
        var cover = new List<int>();
        while (open.Count > 0)
        {
            int most = open.SelectMany(e => new[] { e.Low, e.High }).GroupBy(g => g).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
            cover.Add(most);
            open.RemoveAll(e => e.Low == most || e.High == most);
        }
        return [.. cover];
    }
}
