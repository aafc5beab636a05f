using System.Globalization;
using System.Text;

namespace Haq.Benchmarks.Costs;

/// <summary>The tables of docs/accuracy-of-costs.md.</summary>
internal static class CostDocument
{
    /// <summary>What the tables stand between.</summary>
    public const string Start = "<!-- made by: dotnet run -c Release --project bench/Haq.Benchmarks -- costs -->", End = "<!-- end of what was made -->";

    // A median above this is explained.
    private const double Wrong = 0.1;

    /// <summary>The comparisons as a table, and why those that are wrong are.</summary>
    public static string Tables(IReadOnlyList<Comparison> comparisons, IReadOnlyList<string> missing)
    {
        var text = new StringBuilder("| kind | what, against what | rows | median | nine of ten | largest | bias | rank |\n|---|---|--:|--:|--:|--:|--:|--:|\n");
        for (int i = 0; i < comparisons.Count; i++)
        {
            var (c, e) = (comparisons[i], comparisons[i].Errors);
            string why = c.Why.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $" [{i + 1}](#{i + 1})") : "";
            text.Append(CultureInfo.InvariantCulture, $"| {c.Kind} | {c.What} ({c.Source}){why} | {e.Count:#,0} | {Percent(e.Median)} | {Percent(e.NineInTen)} | {Percent(e.Largest)} | ");
            text.Append(CultureInfo.InvariantCulture, $"{Signed(e.Bias)} | {(double.IsNaN(e.RankCorrelation) ? "" : e.RankCorrelation.ToString("0.000", CultureInfo.InvariantCulture))} |\n");
        }
        text.Append("\n### Why\n\n");
        for (int i = 0; i < comparisons.Count; i++)
            if (comparisons[i] is { Why.Length: > 0 } c) text.Append(CultureInfo.InvariantCulture, $"<a id=\"{i + 1}\"></a>**{i + 1}.** {c.Kind}: {c.What}. {c.Why}\n\n");
        foreach (string file in missing) text.Append(CultureInfo.InvariantCulture, $"Left out: {file} is not in a folder 'shared' beside the checkout.\n");
        return text.ToString();
    }

    /// <summary>Comparisons that are wrong by more than a tenth and have no reason.</summary>
    public static IEnumerable<Comparison> Unexplained(IEnumerable<Comparison> comparisons) => comparisons.Where(c => c.Errors.Median > Wrong && c.Why.Length == 0);

    /// <summary>The document with new tables.</summary>
    /// <exception cref="InvalidDataException">It does not have the marks.</exception>
    public static string Replaced(string document, string tables)
    {
        int from = document.IndexOf(Start, StringComparison.Ordinal), to = document.IndexOf(End, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidDataException($"the document has no '{Start}' before '{End}'");
        return $"{document[..(from + Start.Length)]}\n\n{tables.TrimEnd('\n')}\n\n{document[to..]}";
    }

    private static string Percent(double share) => share switch
    {
        0 => "0",
        < 0.0005 => "< 0.1 %",
        < 0.0995 => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        _ => (share * 100).ToString("#,0", CultureInfo.InvariantCulture) + " %",
    };

    private static string Signed(double share) => Math.Abs(share) < 0.0005 ? "0" : (share * 100).ToString(Math.Abs(share) < 0.0995 ? "+0.0;\u22120.0" : "+#,0;\u2212#,0",
        CultureInfo.InvariantCulture) + " %";
}
