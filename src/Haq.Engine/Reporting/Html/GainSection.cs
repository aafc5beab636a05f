using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The chosen policy beside uniform ones: the trade-off as a picture and every figure as a table.</summary>
internal static class GainSection
{
    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        if (TradeOffChart.CanDraw(report))
            html.Add($"<figure>{TradeOffChart.Draw(report)}<figcaption>Up and to the left is better, or down and to the left where damage is drawn.</figcaption></figure>");
        var table = new Table("Cost and accuracy of each policy, for a batch of " + Figure.Count(report.Hardware.Batch));
        Columns(table, report);
        table.Open(html);
        Float(html, table, report);
        Row(html, table, report, "this build", report.Cost, report.Delivered, "this");
        if (report.Finetuned is not null && report.Quantized is not null) Row(html, table, report, "this build before fine-tuning", report.Cost, report.Quantized);
        foreach (var baseline in report.Baselines) Row(html, table, report, baseline.Name, baseline.Cost, baseline.Quantized);
        foreach (var point in report.Pareto.Where(p => !p.Uniform && !p.Chosen)) Row(html, table, report, point.Name, point.Cost, point.Quantized);
        table.Close(html);
        if (report.NotMeasured is { } reason) html.Add($"<p class=\"note\">{reason}</p>");
        if (report.Measured is { } measured)
        {
            html.Add($"<p class=\"note\">Latencies of policies here add up layers that were timed alone, and decided nothing. A latency budget written as a factor refers to the float model's measured time, ");
            html.Add($"{Figure.Time(measured.FloatMs)}.</p>");
        }
        else
        {
            html.Add($"<p class=\"note\">Budgets written as a factor refer to all layers at 8 bit, first and last included: {Figure.Time(report.CostAt8Bit.LatencyMs)}{(report.CostAt8Bit.EnergyMj is { } e ? ", " + Figure.Energy(e) : "")}.</p>");
        }

        return html.ToMarkup();
    }

    private static void Columns(Table table, ReportModel report)
    {
        table.Text("Policy");
        table.Number("Latency");
        if (report.Hardware.Batch > 1) table.Number("Per image");
        table.Number("Without first and last");
        if (report.Cost.EnergyMj is not null) table.Number("Energy");
        table.Number("Parameters");
        if (HasBudget(report)) table.Text("In budget");
        if (report.Delivered?.Top1 is not null) table.Number("Top-1");
        if (report.Delivered?.Top5 is not null) table.Number("Top-5");
        if (report.Delivered?.Agreement is not null) table.Number("Agreement");
        if (report.Delivered?.Loss is not null) table.Number("Damage, nats");
    }

    private static void Float(MarkupBuilder html, Table table, ReportModel report)
    {
        if (report.Float is not { } accuracy) return;
        var cells = new List<string> { "float", Figure.Unknown, Figure.Unknown };
        if (report.Hardware.Batch > 1) cells.Add(Figure.Unknown);
        if (report.Cost.EnergyMj is not null) cells.Add(Figure.Unknown);
        cells.Add(Figure.Bytes(report.Model.FloatBytes));
        if (HasBudget(report)) cells.Add("");
        cells.AddRange(Accuracy(report, accuracy));
        table.Row(html, cells);
    }

    private static void Row(MarkupBuilder html, Table table, ReportModel report, string name, CostFacts cost, AccuracyFacts? accuracy, string style = "")
    {
        var cells = new List<string> { name, Figure.Time(cost.LatencyMs) };
        if (report.Hardware.Batch > 1) cells.Add(Figure.Time(cost.LatencyMsPerImage));
        cells.Add(Figure.Time(cost.InnerLatencyMs));
        if (report.Cost.EnergyMj is not null) cells.Add(Figure.Energy(cost.EnergyMj));
        cells.Add(Figure.Bytes(cost.SizeBytes));
        if (HasBudget(report)) cells.Add(Admits(report.Budget, cost) ? "yes" : "no");
        cells.AddRange(Accuracy(report, accuracy));
        table.Row(html, cells, style);
    }

    private static IEnumerable<string> Accuracy(ReportModel report, AccuracyFacts? accuracy)
    {
        if (report.Delivered?.Top1 is not null) yield return Figure.Percent(accuracy?.Top1);
        if (report.Delivered?.Top5 is not null) yield return Figure.Percent(accuracy?.Top5);
        if (report.Delivered?.Agreement is not null) yield return Figure.Percent(accuracy?.Agreement);
        if (report.Delivered?.Loss is not null) yield return Figure.Short(accuracy?.Loss);
    }

    private static bool HasBudget(ReportModel report) => report.Budget is { LatencyMs: not null } or { EnergyMj: not null } or { SizeBytes: not null };

    private static bool Admits(BudgetFacts budget, CostFacts cost) =>
        !(cost.LatencyMs > budget.LatencyMs) && !(cost.EnergyMj > budget.EnergyMj) && !(cost.SizeBytes > budget.SizeBytes);
}
