using Haq.Engine.Hardware;
namespace Haq.Engine.Reporting.Html;

/// <summary>The roofline and where the time goes, by bound.</summary>
internal static class RooflineSection
{
    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<figure>{RooflineChart.Draw(report)}");
        html.Add($"<p class=\"detail\" data-detail=\"\" aria-live=\"polite\">Each point is a layer at its chosen bits. Fewer bits move a layer up, and to the right as its traffic shrinks.</p></figure>");
        var table = new Table("Where the time goes, by what holds the layers up");
        table.Text("Bound");
        table.Number("Layers");
        table.Number("Latency");
        table.Number("Latency at 8 bit");
        table.Open(html);
        foreach (var group in report.Layers.GroupBy(l => l.Chosen.Bound).OrderBy(g => g.Key))
            table.Row(html, [group.Key.Label(), Figure.Count(group.Count()), Figure.Time(group.Sum(l => l.Chosen.LatencyMs)), Figure.Time(group.Sum(l => l.At8Bit.LatencyMs))]);
        table.Close(html);
        return html.ToMarkup();
    }
}
