using System.Globalization;
using System.Text;
using Haq.Benchmarks.Reproduction.Figures;

namespace Haq.Benchmarks.Reproduction;

/// <summary>The figures of the page, experiment by experiment.</summary>
internal sealed class ReproductionTables(Gathered gathered)
{
    private const double Drop = 0.5, Loss = 0.05;

    private static readonly string[] s_titles = [.. CellPlan.Methods.Select(Title)];

    private static readonly string[] s_timed = [.. CellPlan.Targets.Where(t => t != CellPlan.Narrow)];

    /// <summary>Latency on edge and cloud, and energy on BitFusion: top-1 within a budget, and what 8 bit's accuracy costs.</summary>
    public string Costs(Quantity quantity)
    {
        bool tuned = gathered.All.Any(p => p.Cell.Group.Epochs > 0 && p.Cell.Group.Quantity == quantity);
        var within = new MarkdownTable(["network, target", "budget", "float", "8 bit", .. s_titles, "auto − 8 bit", .. tuned ? ["auto, fine-tuned", "that − 8 bit"] : (string[])[]]);
        foreach (var (network, target) in Places())
        {
            var eight = gathered.Of(network.Name, target, quantity, "8 bit", "uniform");
            foreach (string budget in gathered.Budgets(network.Name, target, quantity))
            {
                if (gathered.Of(network.Name, target, quantity, budget, "auto") is not [var first, ..] automatic) continue;
                within.Add([$"{network.Title}, `{target}`", ShareOf(first, budget), Percent(eight, r => r.FloatTop1), Percent(eight, r => r.Top1),
                    .. CellPlan.Methods.Select(m => Score(gathered.Of(network.Name, target, quantity, budget, m))),
                    Signed(Gathered.Difference(automatic, eight)), .. tuned ? Tuned(network, target, quantity, budget, eight) : []]);
            }
        }
        var accuracy = Ratios(quantity, r => r.Top1, eight => eight.Top1 - Drop);
        foreach (var (target, figures) in quantity == Quantity.Energy ? [("bitfusion", PaperFigures.Energy)] : PaperFigures.Latencies)
        {
            string place = $"{figures.Title}, the paper's {target.Replace("bismo-", "", StringComparison.Ordinal)}";
            string[] ours = [.. CellPlan.Methods.Select(m => m == "uniform" ? Ratio(figures.Ratio(figures.Uniform, Drop)) : m == "ddpg" ? Ratio(figures.Ratio(figures.Haq, Drop)) : "")];
            accuracy.Add([place, "", .. ours]);
        }
        // On a logarithmic axis, on which loss falls about evenly with cost.
        var loss = Ratios(quantity, r => -Math.Log(r.Loss), _ => -Math.Log(Loss));
        return string.Create(CultureInfo.InvariantCulture,
            $"{within}\nHow many times less {quantity.Key()} than 8 bit, at most {Drop} points below 8 bit (the paper's: PACT and HAQ):\n\n{accuracy}\nThe same at a loss of at most {Loss} nats, which few images tell better:\n\n{loss}");
    }

    private MarkdownTable Ratios(Quantity quantity, Func<CellResult, double> figure, Func<CellResult, double> wanted)
    {
        var table = new MarkdownTable(["network, target", "seeds", .. s_titles]);
        foreach (var (network, target) in Places())
        {
            Spread?[] ratios = [.. CellPlan.Methods.Select(m => Spread.Of([.. gathered.Ratios(network.Name, target, quantity, m, figure, wanted)]))];
            if (ratios.Any(r => r is not null))
                table.Add([$"{network.Title}, `{target}`", ratios.Max(r => r?.Count ?? 0).ToString(CultureInfo.InvariantCulture), .. ratios.Select(r => r?.Text("0.00") ?? "")]);
        }
        return table;
    }

    private static IEnumerable<(ReproducedNetwork Network, string Target)> Places() => ReproducedNetwork.All.SelectMany(n => CellPlan.Targets.Select(t => (n, t)));

    private string[] Tuned(ReproducedNetwork network, string target, Quantity quantity, string budget, IReadOnlyList<CellResult> eight)
    {
        var trained = gathered.Of(network.Name, target, quantity, budget, "auto", CellPlan.Epochs);
        return [Score(trained), Signed(Gathered.Difference(trained, eight))];
    }

    /// <summary>Sizes with k-means.</summary>
    public string Sizes()
    {
        string[] methods = [.. CellPlan.Methods.Where(m => m != "ddpg")];
        var table = new MarkdownTable(["network", "budget", "float", .. methods.Select(m => m == "uniform" ? "uniform k-means" : Title(m)), "auto − uniform"]);
        foreach (var network in ReproducedNetwork.All)
        {
            const string target = "bismo-edge";
            foreach (string budget in gathered.Budgets(network.Name, target, Quantity.Size))
            {
                var uniform = gathered.Of(network.Name, target, Quantity.Size, budget, "uniform");
                if (uniform is not [var first, ..]) continue;
                table.Add([network.Title, ShareOf(first, budget), Percent(uniform, r => r.FloatTop1),
                    .. methods.Select(m => Score(gathered.Of(network.Name, target, Quantity.Size, budget, m))),
                    Signed(Gathered.Difference(gathered.Of(network.Name, target, Quantity.Size, budget, "auto"), uniform))]);
            }
        }
        return table.ToString();
    }

    /// <summary>Policies searched for one target, priced on the others.</summary>
    public string Matrix()
    {
        var table = new MarkdownTable(["network", "searched for", .. s_timed.Select(t => $"latency, `{t}`"), "energy, `bitfusion`", $"energy, `{CellPlan.Narrow}`", "top-1"]);
        foreach (var (network, target, results) in Chosen())
        {
            table.Add([network.Title, $"`{target}`, {BudgetOf(network.Name, target)} of {(target == CellPlan.Narrow ? "energy" : "latency")}",
                .. s_timed.Select(t => Share(results, r => r.Latencies![t])), Share(results, r => r.Energies!["bitfusion"]),
                Share(results, r => r.Energies![CellPlan.Narrow]), Percent(results, r => r.Top1)]);
        }
        return table.ToString();
    }

    /// <summary>An agent that learned on one network begins on another.</summary>
    public string Transfer()
    {
        var table = new MarkdownTable("seed", "agent", "episodes", "loss, searched on", "loss, unseen", "top-1, unseen", "float");
        foreach (var (cell, result) in gathered.All.Where(p => p.Cell.Group.Network == CellPlan.Pupil).OrderBy(p => p.Cell.Group.Seed))
        {
            table.Add(cell.Group.Seed.ToString(CultureInfo.InvariantCulture), cell.Group.Teacher is { } teacher ? $"from {ReproducedNetwork.Of(teacher).Title}" : "new",
                cell.Group.Episodes.ToString(CultureInfo.InvariantCulture), Text(result.SearchedLoss), Text(result.Loss), Percent([result], r => r.Top1), Percent([result], r => r.FloatTop1));
        }
        return table.ToString();
    }

    /// <summary>What was not run, and how long cells take.</summary>
    public string Missing()
    {
        var done = gathered.All.Select(p => p.Cell.ToString()).ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{gathered.All.Count} of {gathered.Planned.Count} cells were run.\n\n"));
        var times = new MarkdownTable(["network", .. CellPlan.Methods.Select(m => $"{Title(m)}, s")]);
        foreach (var network in ReproducedNetwork.All)
        {
            var own = gathered.All.Where(p => p.Cell.Group.Network == network.Name && p.Cell.Group.Budget != "8 bit").ToLookup(p => p.Cell.Method, p => p.Result.Seconds);
            string[] seconds = [.. CellPlan.Methods.Select(m => Spread.Of([.. own[m]])?.Mean.ToString("0", CultureInfo.InvariantCulture) ?? "")];
            if (seconds.Any(s => s.Length > 0)) times.Add([network.Title, .. seconds]);
        }
        var missing = new MarkdownTable("cells with some that were not run", "network", "target", "budget", "run", "planned");
        foreach (var group in gathered.Planned.GroupBy(c => (c.Group.Network, c.Group.Hardware, c.Group.Quantity, c.Group.Budget, c.Group.Teacher, c.Group.Epochs)))
        {
            int run = group.Count(c => done.Contains(c.ToString())), planned = group.Count();
            if (run == planned) continue;
            string what = $"{group.Key.Quantity.Key()}{(group.Key.Teacher is null ? "" : ", carried over")}{(group.Key.Epochs == 0 ? "" : ", fine-tuned")}";
            missing.Add([what, ReproducedNetwork.Of(group.Key.Network).Title, $"`{group.Key.Hardware}`", group.Key.Budget,
                .. ((int[])[run, planned]).Select(n => n.ToString(CultureInfo.InvariantCulture))]);
        }
        text.Append("Seconds that a choice took, without measuring its file:\n\n").Append(times).Append('\n').Append(missing);
        return text.ToString();
    }

    /// <summary>The policies that are compared between targets.</summary>
    public IEnumerable<(ReproducedNetwork Network, string Target, IReadOnlyList<CellResult> Results)> Chosen()
    {
        foreach (var network in ReproducedNetwork.All)
        {
            foreach (string target in CellPlan.Targets)
            {
                var results = gathered.Of(network.Name, target, QuantityOf(target), BudgetOf(network.Name, target), "auto");
                if (results.Count > 0) yield return (network, target, results);
            }
        }
    }

    private static Quantity QuantityOf(string target) => target == CellPlan.Narrow ? Quantity.Energy : Quantity.Latency;

    private static string BudgetOf(string network, string target) => (target == CellPlan.Narrow, network == CellPlan.Teacher) switch
    {
        (true, true) => "0.8x",
        (true, false) => "4 bit",
        (false, true) => "6 bit",
        _ => "4 bit",
    };

    private static string ShareOf(CellResult result, string budget) =>
        (result.Budget / result.EightBit).ToString("0.000", CultureInfo.InvariantCulture) + (budget.EndsWith(" bit", StringComparison.Ordinal) ? $" ({budget})" : "");

    private static string Title(string method) => method switch
    {
        "uniform" => "best uniform",
        "rule" => "HAQ's rule",
        "ddpg" => string.Create(CultureInfo.InvariantCulture, $"ddpg ({CellPlan.Episodes})"),
        _ => method,
    };

    private static string Score(IReadOnlyList<CellResult> results) => results.Count == 0 ? "" : $"{Percent(results, r => r.Top1)} [{Text(results.Average(r => r.Loss))}] at {results.Average(r => r.Relative).ToString("0.00", CultureInfo.InvariantCulture)}";

    private static string Percent(IReadOnlyList<CellResult> results, Func<CellResult, double> of) => Spread.Of([.. results.Select(of)])?.Text("0.00") ?? "";

    private static string Share(IReadOnlyList<CellResult> results, Func<CellResult, double> of) => Spread.Of([.. results.Select(of)])?.Text("0.000") ?? "";

    private static string Signed(Spread? difference) => difference is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Mean:+0.00;−0.00;0.00} ± {d.StandardError ?? 0:0.00}") : "";

    private static string Ratio(double? ratio) => ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    private static string Text(double? loss) => loss?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "";
}
