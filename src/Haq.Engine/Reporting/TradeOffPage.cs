using Haq.Engine.Reporting.Facts;
using Haq.Engine.Reporting.Html;

namespace Haq.Engine.Reporting;

/// <summary>Trade-off curves as one page: a picture and a table for each target. Needs no scripts and nothing else; equal curves give equal bytes.</summary>
public static class TradeOffPage
{
    /// <summary>The page's text, UTF-8 when saved.</summary>
    /// <exception cref="ArgumentException">There is no curve.</exception>
    public static string Write(IReadOnlyList<TradeOffCurve> curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        if (curves.Count == 0) throw new ArgumentException("expected a curve", nameof(curves));
        var html = new MarkupBuilder();
        html.Add($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>");
        html.Add($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>");
        html.Add($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"/>");
        html.Add($"<title>{curves[0].Model}: what accuracy costs</title>\n<link rel=\"icon\" href=\"data:,\"/>");
        html.Add($"<style>{new Markup(HtmlReport.Resource("report.css"))}</style>\n</head>\n<body>\n<main>");
        html.Add($"<p class=\"kicker\">Trade-off curve</p><h1>{curves[0].Model} <span class=\"for\">what accuracy costs</span></h1>");
        for (int i = 0; i < curves.Count; i++) Section(html, curves[i], i);
        html.Add($"</main>\n<footer>Every policy was measured; a mixed policy that a cheaper one beats in damage is left out. 'haq search --pareto --json' prints the same figures with the bits of each.</footer>\n</body>\n</html>");
        return html.ToString();
    }

    private static void Section(MarkupBuilder html, TradeOffCurve curve, int number)
    {
        html.Add($"<section aria-labelledby=\"curve-{number}\"><h2 id=\"curve-{number}\">{curve.Hardware}</h2><p class=\"note\">Measured on {curve.Samples}.</p>");
        if (TradeOffChart.Draw(curve.Points, curve.Quantity, curve.Limit, $"trade-{number}") is { } picture)
            html.Add($"<figure>{picture}<figcaption>Up and to the left is better, or down and to the left where damage is drawn.</figcaption></figure>");
        bool energy = curve.Points.Any(p => p.Cost.EnergyMj is not null), top1 = curve.Points.Any(p => p.Quantized?.Top1 is not null);
        var table = new Table($"Cost and accuracy of each policy, for a batch of {Figure.Count(curve.Batch)}");
        table.Text("Policy");
        table.Number("Latency");
        if (energy) table.Number("Energy");
        table.Number("Parameters");
        if (top1) table.Number("Top-1");
        table.Number("Damage, nats");
        table.Number("Predicted");
        table.Open(html);
        foreach (var point in curve.Points) table.Row(html, Cells(point, energy, top1), point.Chosen ? "this" : "");
        table.Close(html);
        html.Add($"</section>");
    }

    private static List<string> Cells(ParetoFacts point, bool energy, bool top1)
    {
        var cells = new List<string> { point.Chosen ? $"{point.Name} (chosen)" : point.Name, Figure.Time(point.Cost.LatencyMs) };
        if (energy) cells.Add(Figure.Energy(point.Cost.EnergyMj));
        cells.Add(Figure.Bytes(point.Cost.SizeBytes));
        if (top1) cells.Add(Figure.Percent(point.Quantized?.Top1));
        cells.Add(Figure.Short(point.Quantized?.Loss));
        cells.Add(Figure.Short(point.PredictedDamage));
        return cells;
    }
}
