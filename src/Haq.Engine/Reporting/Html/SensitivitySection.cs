namespace Haq.Engine.Reporting.Html;

/// <summary>Which layers bear few bits and which do not.</summary>
internal static class SensitivitySection
{
    private const int Worst = 8;

    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<figure>{SensitivityChart.Draw(report.Layers, ScoreUnit.Of(report.Search?.ScoredBy))}");
        html.Add($"<p class=\"detail\" data-detail=\"\" aria-live=\"polite\">Predicted damage of one width of one layer, everything else {(report.Search?.ScoredBy is "fisher" or "local" ? "in float" : "at its widest")}. Damage need not fall with every bit: a coarser grid can happen to hold the values that matter.</p></figure>");
        var worst = report.Layers.Where(l => l.Damage is > 0).OrderByDescending(l => l.Damage).ThenBy(l => l.Index).Take(Worst).ToList();
        if (worst.Count == 0) return html.ToMarkup();
        var table = new Table("Where most of the damage is predicted, at the chosen widths");
        table.Text("Layer");
        table.Text("Bits");
        table.Number($"Damage, {ScoreUnit.Of(report.Search?.ScoredBy)}");
        table.Number("Latency");
        bool sqnr = worst.Any(l => l.SqnrDb is not null);
        if (sqnr) table.Number("SQNR, dB");
        table.Open(html);
        foreach (var layer in worst)
        {
            var cells = new List<string> { layer.Name, $"w{layer.Chosen.Weights}a{layer.Chosen.Activations}", Figure.Short(layer.Damage), Figure.Time(layer.Chosen.LatencyMs) };
            if (sqnr) cells.Add(Figure.Short(layer.SqnrDb));
            table.Row(html, cells);
        }
        table.Close(html);
        return html.ToMarkup();
    }
}
