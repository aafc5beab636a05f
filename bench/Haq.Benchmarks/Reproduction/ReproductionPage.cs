using Haq.Benchmarks.Steps;
using System.Globalization;

namespace Haq.Benchmarks.Reproduction;

/// <summary>Writes what was gathered into <c>docs/reproduction.md</c>, each table between its own markers, and the policies as pictures beside it: <c>haq page RESULTS</c>.</summary>
internal static class ReproductionPage
{
    public static void Write(string results)
    {
        string docs = Path.Combine(StepComparison.Repository(), "docs"), page = Path.Combine(docs, "reproduction.md");
        var tables = new ReproductionTables(new Gathered(new ResultFile(results)));
        string text = File.ReadAllText(page);
        foreach (var (name, content) in (IEnumerable<(string, string)>)
            [("latency", tables.Costs(Quantity.Latency)), ("energy", tables.Costs(Quantity.Energy)), ("size", tables.Sizes()), ("matrix", tables.Matrix()), ("transfer", tables.Transfer()),
            ("pictures", Pictures(tables, Path.Combine(docs, "images"))), ("missing", tables.Missing())])
        {
            text = Between(text, name, content);
        }
        File.WriteAllText(page, text);
        Console.WriteLine($"{page} is up to date");
    }

    /// <summary>A text with other content between the markers of that name.</summary>
    private static string Between(string text, string name, string content)
    {
        string begin = $"<!-- figures: {name} -->\n", end = $"<!-- end of {name} -->";
        int from = text.IndexOf(begin, StringComparison.Ordinal), to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidDataException($"the page has no markers '{begin.TrimEnd()}' and '{end}' in this order");
        return text[..(from + begin.Length)] + "\n" + content.TrimEnd('\n') + "\n\n" + text[to..];
    }

    private static string Pictures(ReproductionTables tables, string folder)
    {
        var lines = new List<string>();
        foreach (var network in tables.Chosen().GroupBy(c => c.Network))
        {
            // One seed's policies: a mean of policies is none.
            var first = network.Select(c => (c.Target, Result: c.Results.OrderBy(r => r.Cell, StringComparer.Ordinal).First())).ToList();
            string name = $"policies-{network.Key.Name}.svg";
            File.WriteAllText(Path.Combine(folder, name), PolicyPicture.Draw(network.Key.Title, first[0].Result.Layers, [.. first.Select(p => (Caption(p.Target, p.Result), p.Result.Bits))]));
            lines.Add($"![{network.Key.Title}: bits of every layer for {string.Join(", ", first.Select(p => p.Target))}](images/{name})");
        }
        return string.Join("\n\n", lines);
    }

    private static string Caption(string target, CellResult result) =>
        string.Create(CultureInfo.InvariantCulture, $"{target}, {result.Relative:0.00}× the {(target == CellPlan.Narrow ? "energy" : "latency")} of 8 bit: top-1 {result.Top1:0.0} %");
}
