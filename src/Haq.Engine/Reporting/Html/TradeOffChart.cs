using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>What accuracy costs: the chosen policy among uniform ones, and the Pareto front where it was computed.</summary>
internal static class TradeOffChart
{
    private sealed record Dot(string Name, double Cost, double Value, bool Uniform, bool Chosen);

    private sealed record Scale(string Title, bool Logarithmic, Func<AccuracyFacts?, double?, double?> Value);

    // The first that at least two policies have is drawn.
    private static readonly Scale[] s_scales =
    [
        new("top-1 in percent", false, (a, _) => a?.Top1),
        new("agreement with the float model in percent", false, (a, _) => a?.Agreement),
        new("damage in nats, lower is better", true, (a, predicted) => a?.Loss ?? predicted),
    ];

    /// <summary>At least two policies can be compared.</summary>
    public static bool CanDraw(ReportModel report) => Choose(report) is not null;

    public static Markup Draw(ReportModel report)
    {
        var (scale, dots) = Choose(report) ?? throw new InvalidOperationException("nothing to draw");
        var (unit, limit) = CostOf(report);
        var x = Axis.Linear(dots.Select(d => d.Cost).Concat(limit is { } bound ? [bound] : []), 6);
        // A floor of zero damage has no place on a logarithmic axis.
        var values = dots.Select(d => d.Value);
        bool log = scale.Logarithmic && values.Any(v => v > 0);
        if (log) dots = [.. dots.Where(d => d.Value > 0)];
        var y = log ? Axis.Logarithmic(dots.Select(d => d.Value)) : Axis.Linear(dots.Select(d => d.Value));
        var frame = new PlotFrame("trade", x, y, 260);
        var html = new MarkupBuilder();
        frame.Open(html, "Accuracy against cost", Describe(dots), unit, scale.Title);
        if (limit is { } budget && x.At(budget) is >= 0 and <= 1)
        {
            html.Add($"<line class=\"budget\" x1=\"{frame.X(budget)}\" x2=\"{frame.X(budget)}\" y1=\"0\" y2=\"{frame.Height}\"/>");
            string anchor = x.At(budget) > 0.6 ? "end" : "start";
            html.Add($"<text class=\"note\" x=\"{frame.X(budget)}\" y=\"{frame.Height - 8}\" dx=\"{(anchor == "end" ? -5 : 5)}\" text-anchor=\"{anchor}\">budget</text>");
        }
        var front = dots.Where(d => !d.Uniform).OrderBy(d => d.Cost).ToList();
        if (front.Count > 1) html.Add($"<g class=\"front\">{PlotFrame.Lines(Markup.Of($"<path d=\"{frame.Path(front.Select(d => (d.Cost, d.Value)))}\"/>"))}</g>");
        foreach (var dot in dots.OrderBy(d => d.Chosen)) Point(html, frame, x, dot);
        frame.Close(html);
        html.Add($"<ul class=\"legend\"><li><svg width=\"16\" height=\"14\" viewBox=\"-8 -7 16 14\" aria-hidden=\"true\"><circle class=\"chosen\" r=\"5.5\"/></svg>this build</li>");
        if (front.Count > 1) html.Add($"<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><circle class=\"candidate\" r=\"4\"/></svg>other mixed policies</li>");
        if (dots.Any(d => d.Uniform)) html.Add($"<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><rect class=\"uniform\" x=\"-4\" y=\"-4\" width=\"8\" height=\"8\"/></svg>uniform policies</li>");
        html.Add($"</ul>");
        return html.ToMarkup();
    }

    private static void Point(MarkupBuilder html, PlotFrame frame, Axis x, Dot dot)
    {
        string shape = dot.Chosen ? "<circle class=\"chosen\" r=\"6.5\"/>" : dot.Uniform ? "<rect class=\"uniform\" x=\"-4\" y=\"-4\" width=\"8\" height=\"8\"/>" : "<circle class=\"candidate\" r=\"4\"/>";
        html.Add($"<svg x=\"{frame.X(dot.Cost)}\" y=\"{frame.Y(dot.Value)}\" class=\"point\"><title>{dot.Name}: {Figure.Short(dot.Cost)}, {Figure.Short(dot.Value)}</title>{new Markup(shape)}</svg>");
        if (!dot.Uniform && !dot.Chosen) return;
        // Better policies would be up and to the left, so that corner of the chosen one is mostly empty.
        bool right = dot.Chosen ? x.At(dot.Cost) > 0.2 : x.At(dot.Cost) > 0.7;
        string label = dot.Chosen ? "this build" : dot.Name.Replace("uniform ", "", StringComparison.Ordinal);
        html.Add($"<text class=\"{new Markup(dot.Chosen ? "label strong" : "label")}\" x=\"{frame.X(dot.Cost)}\" y=\"{frame.Y(dot.Value)}\" dx=\"{(right ? -9 : 9)}\" dy=\"{new Markup(dot.Chosen ? "-.55em" : "1.05em")}\" text-anchor=\"{new Markup(right ? "end" : "start")}\">{label}</text>");
    }

    private static (Scale Scale, List<Dot> Dots)? Choose(ReportModel report)
    {
        var (_, _, cost) = Quantity(report);
        foreach (var scale in s_scales)
        {
            var dots = new List<Dot>();
            if (scale.Value(report.Delivered, report.Search?.PredictedDamage) is { } own && cost(report.Cost) is { } spent) dots.Add(new Dot("this build", spent, own, false, true));
            foreach (var point in report.Pareto.Where(p => !p.Chosen && !p.Uniform))
                if (scale.Value(point.Quantized, point.PredictedDamage) is { } value && cost(point.Cost) is { } at) dots.Add(new Dot(point.Name, at, value, false, false));
            var uniform = report.Baselines.Select(b => (b.Name, b.Cost, b.Quantized)).Concat(report.Pareto.Where(p => p.Uniform).Select(p => (p.Name, p.Cost, p.Quantized)));
            foreach (var point in uniform.DistinctBy(p => p.Name))
                if (scale.Value(point.Quantized, null) is { } value && cost(point.Cost) is { } at) dots.Add(new Dot(point.Name, at, value, true, false));
            if (dots.Count >= 2) return (scale, dots);
        }
        return null;
    }

    private static (string Unit, double? Limit) CostOf(ReportModel report)
    {
        var (unit, limit, _) = Quantity(report);
        return (unit, limit);
    }

    // The quantity that the budget bounds, latency where it bounds none.
    private static (string Unit, double? Limit, Func<CostFacts, double?> Cost) Quantity(ReportModel report)
    {
        var budget = report.Budget;
        if (budget.LatencyMs is null && budget.EnergyMj is { } energy) return ("energy in mJ", energy, c => c.EnergyMj);
        if (budget.LatencyMs is null && budget.SizeBytes is { } size) return ("parameters in kB", size / 1e3, c => c.SizeBytes / 1e3);
        return ("latency in ms", budget.LatencyMs, c => c.LatencyMs);
    }

    private static string Describe(List<Dot> dots) =>
        string.Join("; ", dots.OrderBy(d => d.Cost).Take(40).Select(d => $"{d.Name}: {Figure.Short(d.Cost)}, {Figure.Short(d.Value)}")) + ".";
}
