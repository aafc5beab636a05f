using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The top of the page: what it is about, what was gained, what to be warned of.</summary>
internal static class HeaderSection
{
    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<header>\n<p class=\"kicker\">Quantization report</p>\n<h1><bdi>{report.Model.File}</bdi> <span class=\"for\">for</span> <bdi>{report.Hardware.Name}</bdi></h1>");
        html.Add($"<p class=\"lead\">{Headline.Of(report)}</p>");
        html.Add($"<div class=\"tiles\">");
        foreach (var tile in Tiles(report)) html.Add($"{tile}");
        html.Add($"</div>\n{Goal(report)}{Warnings(report)}</header>");
        return html.ToMarkup();
    }

    private static IEnumerable<Markup> Tiles(ReportModel report)
    {
        var (cost, eight, budget) = (report.Cost, report.CostAt8Bit, report.Budget);
        if (report.Measured is { } m)
        {
            yield return Tile("Latency, measured", Figure.Time(m.QuantizedMs), m.QuantizedMs, m.FloatMs, budget.LatencyMs,
                $"{Figure.Time(m.FloatMs)} float, {Figure.Time(m.UniformInt8Ms)} everything in 8 bits");
        }
        else
        {
            yield return Tile("Latency", Figure.Time(cost.LatencyMs), cost.LatencyMs, eight.LatencyMs, budget.LatencyMs, $"{Figure.Time(eight.LatencyMs)} at 8 bit", LatencyError.Behind(report));
        }

        if (cost.EnergyMj is { } energy && eight.EnergyMj is { } energyAt8)
            yield return Tile("Energy", Figure.Energy(energy), energy, energyAt8, budget.EnergyMj, $"{Figure.Energy(energyAt8)} at 8 bit");
        if (report.FileBytes is { } bytes && report.FloatFileBytes is { } before)
            yield return Tile("File", Figure.Bytes(bytes), bytes, before, budget.FileBytes, $"{Figure.Bytes(before)} float");
        yield return Tile(
            "Parameters on the target", Figure.Bytes(cost.SizeBytes), cost.SizeBytes, eight.SizeBytes, budget.SizeBytes,
            $"{Figure.Bytes(eight.SizeBytes)} at 8 bit, {Figure.Bytes(report.Model.FloatBytes)} float");
        if (report.Delivered is { } own && Accuracy(report, own) is { } tile) yield return tile;
    }

    private static Markup Tile(string name, string figure, double value, double at8, double? limit, string beside, string error = "")
    {
        double full = Math.Max(Math.Max(value, at8), limit ?? 0);
        string bar = full > 0 ? PlotFrame.Coordinate(value / full * 100) : "0";
        string tick = limit is { } bound && full > 0 ? $"<i style=\"left:{PlotFrame.Coordinate(bound / full * 100)}%\"></i>" : "";
        string note = limit is null ? "" : $" · budget {Budget(name, limit.Value)}";
        return Markup.Of(
            $"<div class=\"tile\"><h2>{name}</h2><p class=\"figure\">{figure}{Error(error)}</p><div class=\"meter\" aria-hidden=\"true\"><b style=\"width:{bar}%\"></b>{new Markup(tick)}</div><p class=\"beside\">{beside}{note}</p></div>\n");
    }

    private static Markup Error(string error) => error.Length == 0 ? new("") : Markup.Of($" <small>{error.Trim()}</small>");

    private static string Budget(string name, double limit) =>
        name switch { "Latency" or "Latency, measured" => Figure.Time(limit), "Energy" => Figure.Energy(limit), _ => Figure.Bytes(limit) };

    private static Markup? Accuracy(ReportModel report, AccuracyFacts own)
    {
        if (report.Metric == "sqnr" && own.SqnrDb is { } decibels) return Tile("Signal to noise", Figure.Decibels(decibels), Math.Min(100, decibels), $"{Figure.Count(own.Samples)} samples");
        if (report.Metric == "cosine" && own.Cosine is { } asked) return Cosine(asked, own);
        string error = report.AccuracyStandardError is { } deviation ? " ± " + deviation.ToString("0.00", CultureInfo.InvariantCulture) : "";
        if (report.Metric == "top5" && own.Top5 is { } top5)
            return Tile("Top-5", Figure.Percent(top5), top5, $"{Figure.Percent(report.Float?.Top5)} float ({Figure.Points(report.Gain.AccuracyVsFloat)}{error} points)");
        if (own.Top1 is { } top1 && report.Metric != "agreement")
            return Tile("Top-1", Figure.Percent(top1), top1, $"{Figure.Percent(report.Float?.Top1)} float ({Figure.Points(report.Gain.AccuracyVsFloat)}{error} points)");
        if (own.Agreement is { } agreement) return Tile("Agreement with float", Figure.Percent(agreement), agreement, $"{Figure.Count(own.Samples)} images, no labels");
        return own.Cosine is { } cosine ? Cosine(cosine, own) : null;
    }

    private static Markup Cosine(double cosine, AccuracyFacts own) => Tile("Cosine to float", Figure.Cosine(cosine), cosine * 100, $"{Figure.Count(own.Samples)} samples");

    private static Markup Tile(string name, string figure, double percent, string beside) => Markup.Of(
        $"<div class=\"tile\"><h2>{name}</h2><p class=\"figure\">{figure}</p><div class=\"meter accuracy\" aria-hidden=\"true\"><b style=\"width:{PlotFrame.Coordinate(Math.Clamp(percent, 0, 100))}%\"></b></div><p class=\"beside\">{beside}</p></div>\n");

    private static Markup Goal(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<dl class=\"facts\"><div><dt>Objective</dt><dd>{report.Objective}</dd></div>");
        if (report.Budget.Asked is { Length: > 0 } asked) html.Add($"<div><dt>Budget asked</dt><dd>{asked}</dd></div>");
        if (report.Budget.AccuracyDrop is { } drop) html.Add($"<div><dt>Accuracy gate</dt><dd>at most {Figure.Short(drop)} points lost</dd></div>");
        if (report.Search is { } search)
        {
            html.Add(
            $"<div><dt>Strategy</dt><dd>{search.Strategy}, {Figure.Count(search.Evaluated)} policies, seed {search.Seed}{new Markup(search.Completed ? "" : ", <strong>ended early</strong>")}</dd></div>");
        }

        html.Add($"<div><dt>Batch</dt><dd>{report.Hardware.Batch}</dd></div>");
        html.Add($"<div><dt>Network</dt><dd>{Figure.Count(report.Layers.Length)} {(report.Layers.Length == 1 ? "layer" : "layers")}, {Figure.Rounded(report.Model.Macs)} MACs, {Figure.Rounded(report.Model.Parameters)} parameters</dd></div>");
        if (report.EvaluatedOn is { } set) html.Add($"<div><dt>Measured on</dt><dd>{set}</dd></div>");
        html.Add($"</dl>");
        return html.ToMarkup();
    }

    private static Markup Warnings(ReportModel report)
    {
        if (report.Warnings.Length == 0) return default;
        var html = new MarkupBuilder();
        html.Add($"<aside class=\"warnings\" aria-label=\"Warnings\"><h2>{report.Warnings.Length} {(report.Warnings.Length == 1 ? "warning" : "warnings")}</h2><ul>");
        foreach (var warning in report.Warnings)
        {
            string place = warning.File is null ? "" : warning.Line is null ? $" ({warning.File})" : $" ({warning.File}, line {warning.Line})";
            html.Add($"<li><code>{warning.Code}</code> {warning.Message}{place}</li>");
        }
        html.Add($"</ul></aside>");
        return html.ToMarkup();
    }
}
