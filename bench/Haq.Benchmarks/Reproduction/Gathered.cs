using Haq.Benchmarks.Reproduction.Figures;
using Haq.Benchmarks.Strategies;

namespace Haq.Benchmarks.Reproduction;

/// <summary>What was run, cell by cell.</summary>
internal sealed class Gathered
{
    private readonly List<(Cell Cell, CellResult Result)> _all;

    public Gathered(ResultFile results)
    {
        Planned = [.. CellPlan.All];
        _all = [.. Planned.Select(c => (c, results.Of(c)!)).Where(p => p.Item2 is not null)];
    }

    /// <summary>Every cell that there is.</summary>
    public IReadOnlyList<Cell> Planned { get; }

    /// <summary>Those that were run.</summary>
    public IReadOnlyList<(Cell Cell, CellResult Result)> All => _all;

    /// <summary>A method's results on a budget, by seed.</summary>
    public IReadOnlyList<CellResult> Of(string network, string target, Quantity quantity, string budget, string method, int epochs = 0) =>
        [.. _all.Where(p => p.Cell.Method == method && IsOn(p.Cell.Group, network, target, quantity) && p.Cell.Group.Budget == budget && p.Cell.Group.Epochs == epochs && p.Cell.Group.Teacher is null)
            .Select(p => p.Result)];

    /// <summary>Budgets that something was run on, as planned, 8 bit left out.</summary>
    public IReadOnlyList<string> Budgets(string network, string target, Quantity quantity) =>
        [.. _all.Where(p => IsOn(p.Cell.Group, network, target, quantity) && p.Cell.Group.Budget != "8 bit").GroupBy(p => p.Cell.Group.Budget)
            .OrderByDescending(g => g.Average(p => p.Result.Budget)).Select(g => g.Key)];

    /// <summary>
    /// How many times cheaper than 8 bit a method is where its figure is as good as wanted, for every seed in which it ran on every budget that anything ran on; the 8-bit network is a point of
    /// every method.
    /// </summary>
    public IReadOnlyList<double> Ratios(string network, string target, Quantity quantity, string method, Func<CellResult, double> figure, Func<CellResult, double> wanted)
    {
        var ratios = new List<double>();
        int budgets = Budgets(network, target, quantity).Count;
        foreach (int seed in CellPlan.Seeds)
        {
            var here = _all.Where(p => IsOn(p.Cell.Group, network, target, quantity) && p.Cell.Group.Seed == seed && p.Cell.Group is { Teacher: null, Epochs: 0 }).ToList();
            var eight = here.Find(p => p.Cell.Group.Budget == "8 bit").Result;
            CellResult[] own = [.. here.Where(p => p.Cell.Method == method && p.Cell.Group.Budget != "8 bit").Select(p => p.Result)];
            // Fewer points would be held against more.
            if (eight is null || own.Length == 0 || own.Length < budgets) continue;
            if (EqualAccuracy.At(wanted(eight), own.Append(eight).Select(r => new CostPoint(r.Cost, figure(r)))) is { } found) ratios.Add(eight.Cost / found.Cost);
        }
        return ratios;
    }

    /// <summary>The difference in top-1 between files on the same images, seed by seed; the mean per image over seeds, then over images, with its standard error.</summary>
    public static Spread? Difference(IReadOnlyList<CellResult> ours, IReadOnlyList<CellResult> others)
    {
        var pairs = ours.Select(o => (Ours: o, Other: others.FirstOrDefault(t => t.Float == o.Float && SeedOf(t) == SeedOf(o)))).Where(p => p.Other is not null)
            .Select(p => (Ours: StrategyRun.Unpack(p.Ours.Correct, p.Ours.Images), Other: StrategyRun.Unpack(p.Other!.Correct, p.Ours.Images))).ToList();
        if (pairs.Count == 0) return null;
        int images = pairs[0].Ours.Length;
        return Spread.Of([.. Enumerable.Range(0, images).Select(i => 100 * pairs.Average(p => (p.Ours[i] ? 1.0 : 0) - (p.Other[i] ? 1.0 : 0)))]);
    }

    private static string SeedOf(CellResult result) => result.Cell[result.Cell.IndexOf("seed ", StringComparison.Ordinal)..].Split(':', ',')[0];

    private static bool IsOn(CellGroup group, string network, string target, Quantity quantity) => group.Network == network && group.Hardware == target && group.Quantity == quantity;
}
