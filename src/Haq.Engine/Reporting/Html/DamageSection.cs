namespace Haq.Engine.Reporting.Html;

/// <summary>Which layer broke it: the layers that give most back, with the figures that say why.</summary>
internal static class DamageSection
{
    private const int Worst = 10;

    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<figure>{DamageChart.Draw(report.Layers)}");
        html.Add($"<p class=\"detail\" data-detail=\"\" aria-live=\"polite\">Measured on search samples. Point at a column for its layer.</p></figure>");
        var worst = report.Layers.OrderByDescending(l => l.GivenBack ?? double.NegativeInfinity).ThenBy(l => l.SqnrDb ?? double.PositiveInfinity).ThenBy(l => l.Index).Take(Worst).ToList();
        var table = new Table("The layers that do most of it, the worst first");
        table.Text("Layer");
        table.Text("Bits");
        table.Number("Gives back, nats", "how much the loss falls when this layer alone is float again; with ≈ estimated from the layer's own noise");
        table.Number("Alone, nats", "the loss with only this layer quantized");
        table.Number("SQNR, dB", "of its output with only this layer quantized");
        table.Number("In place, dB", "of its output in the quantized network");
        table.Number("Clipped", "share of inputs outside of the range");
        table.Number("Outliers", "largest input over the one that 99.9 % keep to");
        table.Open(html);
        foreach (var layer in worst)
        {
            table.Row(html, [layer.Name, $"w{layer.Chosen.Weights}a{layer.Chosen.Activations}", Figure.Estimate(layer.GivenBack, layer.DamageEstimated),
                Figure.Short(layer.DamageAlone), Figure.Short(layer.SqnrDb), Figure.Short(layer.PathSqnrDb), Figure.Share(layer.Saturation ?? 0), Figure.Short(layer.OutlierRatio)]);
        }
        table.Close(html);
        return html.ToMarkup();
    }
}
