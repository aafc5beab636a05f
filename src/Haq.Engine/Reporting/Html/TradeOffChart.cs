using Haq.Engine.Graphs;
using Haq.Engine.Hardware;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>What accuracy costs: the chosen policy among uniform ones, and the Pareto front where it was computed.</summary>
internal static class TradeOffChart
{
    private sealed record Dot(string Name, double Cost, double Value, bool Uniform, bool Chosen);

    private sealed record Scale(string Title, bool Logarithmic, Func<AccuracyFacts?, double?, double?> Value);

    private sealed record Content(Scale Scale, List<Dot> Dots, string Unit, double? Limit, string ChosenName);

    // How far below the best the axis goes, in distances of the middle policy from it: collapsed policies are drawn at its end.
    private const double Depth = 8;

    // The first that at least two policies have is drawn.
    private static readonly Scale[] s_scales =
    [
        new("top-1 in percent", false, (a, _) => a?.Top1),
        new("agreement with the float model in percent", false, (a, _) => a?.Agreement),
        new("damage in nats, lower is better", true, (a, predicted) => a?.Loss ?? predicted),
    ];

    /// <summary>At least two policies can be compared.</summary>
    public static bool CanDraw(ReportModel report) => Of(report) is not null;

    public static Markup Draw(ReportModel report) => Draw(Of(report) ?? throw new InvalidOperationException("nothing to draw"));

    /// <summary>A curve by itself; null where fewer than two policies can be compared.</summary>
    public static Markup? Draw(IEnumerable<ParetoFacts> points, CostQuantity quantity, double? limit, string id)
    {
        var (unit, cost) = Quantity(quantity);
        foreach (var scale in s_scales)
        {
            var dots = points.Select(p => (Point: p, Value: scale.Value(p.Quantized, p.PredictedDamage), Cost: cost(p.Cost))).Where(p => p.Value is not null && p.Cost is not null)
                .Select(p => new Dot(p.Point.Name, p.Cost!.Value, p.Value!.Value, p.Point.Uniform, p.Point.Chosen)).ToList();
            if (dots.Count >= 2) return Draw(new Content(scale, dots, unit, limit, "chosen"), id);
        }
        return null;
    }

    private static Markup Draw(Content content, string id = "trade")
    {
        var (scale, dots, unit, limit, chosen) = content;
        var x = Axis.Linear(dots.Select(d => d.Cost).Concat(limit is { } bound ? [bound] : []), 6);
        // A floor of zero damage has no place on a logarithmic axis.
        bool log = scale.Logarithmic && dots.Any(d => d.Value > 0);
        if (log) dots = [.. dots.Where(d => d.Value > 0)];
        double lowest = log ? 0 : Lowest(dots);
        bool cut = dots.Any(d => d.Value < lowest);
        var y = log ? Axis.Logarithmic(dots.Select(d => d.Value)) : Axis.Linear(dots.Select(d => Math.Max(d.Value, lowest)), most: scale.Logarithmic ? double.PositiveInfinity : 100);
        var frame = new PlotFrame(id, x, y, 260);
        var html = new MarkupBuilder();
        frame.Open(html, "Accuracy against cost", Describe(dots), unit, scale.Title);
        var places = new LabelPlaces(frame.Height);
        foreach (var dot in dots) places.Avoid(x.At(dot.Cost), frame.Level(Math.Max(dot.Value, lowest)));
        if (limit is { } budget && x.At(budget) is >= 0 and <= 1)
        {
            html.Add($"<line class=\"budget\" x1=\"{frame.X(budget)}\" x2=\"{frame.X(budget)}\" y1=\"0\" y2=\"{frame.Height}\"/>");
            string anchor = x.At(budget) > 0.6 ? "end" : "start";
            var place = new LabelPlaces.Place(anchor == "end" ? -5 : 5, 0, anchor);
            places.Avoid(x.At(budget), frame.Height - 8, "budget", place);
            html.Add($"<text class=\"note\" x=\"{frame.X(budget)}\" y=\"{frame.Height - 8}\" dx=\"{place.Dx}\" text-anchor=\"{anchor}\">budget</text>");
        }
        bool candidates = dots.Any(d => !d.Uniform && !d.Chosen);
        var front = Front(dots.Where(d => d.Value >= lowest), log);
        if (front.Count > 1) html.Add($"<g class=\"front\">{PlotFrame.Lines(Markup.Of($"<path d=\"{frame.Path(front.Select(d => (d.Cost, d.Value)))}\"/>"))}</g>");
        foreach (var dot in dots.OrderBy(d => d.Chosen)) Point(html, frame, dot with { Value = Math.Max(dot.Value, lowest) }, dot.Value);
        foreach (var dot in dots.Where(d => d.Chosen || d.Uniform).OrderByDescending(d => d.Chosen)) Label(html, frame, x, dot with { Value = Math.Max(dot.Value, lowest) }, chosen, places);
        frame.Close(html);
        html.Add($"<ul class=\"legend\">");
        if (dots.Any(d => d.Chosen)) html.Add($"<li><svg width=\"16\" height=\"14\" viewBox=\"-8 -7 16 14\" aria-hidden=\"true\"><circle class=\"chosen\" r=\"5.5\"/></svg>{chosen}</li>");
        if (candidates) html.Add($"<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><circle class=\"candidate\" r=\"4\"/></svg>other mixed policies</li>");
        if (dots.Any(d => d.Uniform))
        {
            html.Add(
            $"<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><rect class=\"uniform\" x=\"-4\" y=\"-4\" width=\"8\" height=\"8\"/></svg>uniform policies</li>");
        }

        if (cut) html.Add($"<li>collapsed policies are drawn at the lower edge</li>");
        html.Add($"</ul>");
        return html.ToMarkup();
    }

    private static double Lowest(List<Dot> dots)
    {
        double[] sorted = [.. dots.Select(d => d.Value).Order()];
        double best = sorted[^1], middle = sorted[sorted.Length / 2];
        return best > middle ? best - Depth * (best - middle) : double.NegativeInfinity;
    }

    // What no cheaper mixed policy is as good as: noise in the measurement would make a line through all of them jagged.
    private static List<Dot> Front(IEnumerable<Dot> dots, bool lowerIsBetter)
    {
        var front = new List<Dot>();
        foreach (var dot in dots.Where(d => !d.Uniform).OrderBy(d => d.Cost))
            if (front.Count == 0 || (lowerIsBetter ? dot.Value < front[^1].Value : dot.Value > front[^1].Value)) front.Add(dot);
        return front;
    }

    private static void Point(MarkupBuilder html, PlotFrame frame, Dot dot, double value)
    {
        string shape = dot.Chosen ? "<circle class=\"chosen\" r=\"6.5\"/>" : dot.Uniform
            ? "<rect class=\"uniform\" x=\"-4\" y=\"-4\" width=\"8\" height=\"8\"/>" : "<circle class=\"candidate\" r=\"4\"/>";
        html.Add($"<svg x=\"{frame.X(dot.Cost)}\" y=\"{frame.Y(dot.Value)}\" class=\"point\"><title>{dot.Name}: {Figure.Short(dot.Cost)}, {Figure.Short(value)}</title>{new Markup(shape)}</svg>");
    }

    private static void Label(MarkupBuilder html, PlotFrame frame, Axis x, Dot dot, string chosen, LabelPlaces places)
    {
        string text = dot.Chosen ? chosen : dot.Name.Replace("uniform ", "", StringComparison.Ordinal);
        // Better policies would be up and to the left, so that corner of the chosen one is mostly empty.
        double at = x.At(dot.Cost);
        if (places.Find(at, frame.Level(dot.Value), text, leftFirst: dot.Chosen ? at > 0.2 : at > 0.7, aboveFirst: dot.Chosen) is not { } place) return;
        string style = dot.Chosen ? "label strong" : "label";
        html.Add($"<text class=\"{style}\" x=\"{frame.X(dot.Cost)}\" y=\"{frame.Y(dot.Value)}\" dx=\"{place.Dx}\" dy=\"{place.Dy}\" text-anchor=\"{place.Anchor}\">{text}</text>");
    }

    private static Content? Of(ReportModel report)
    {
        var (quantity, limit) = Bounded(report.Budget);
        var (unit, cost) = Quantity(quantity);
        foreach (var scale in s_scales)
        {
            var dots = new List<Dot>();
            if (scale.Value(report.Delivered, report.Search?.PredictedDamage) is { } own && cost(report.Cost) is { } spent) dots.Add(new Dot("this build", spent, own, false, true));
            foreach (var point in report.Pareto.Where(p => !p.Chosen && !p.Uniform))
                if (scale.Value(point.Quantized, point.PredictedDamage) is { } value && cost(point.Cost) is { } at) dots.Add(new Dot(point.Name, at, value, false, false));
            var uniform = report.Baselines.Select(b => (b.Name, b.Cost, b.Quantized)).Concat(report.Pareto.Where(p => p.Uniform).Select(p => (p.Name, p.Cost, p.Quantized)));
            foreach (var point in uniform.DistinctBy(p => p.Name))
                if (scale.Value(point.Quantized, null) is { } value && cost(point.Cost) is { } at) dots.Add(new Dot(point.Name, at, value, true, false));
            if (dots.Count >= 2) return new Content(scale, dots, unit, limit, "this build");
        }
        return null;
    }

    // The quantity that the budget bounds, latency where it bounds none.
    private static (CostQuantity Quantity, double? Limit) Bounded(BudgetFacts budget) =>
        budget.LatencyMs is null && budget.EnergyMj is { } energy ? (CostQuantity.Energy, energy)
        : budget.LatencyMs is null && budget.SizeBytes is { } size ? (CostQuantity.Size, size / 1e3)
        : (CostQuantity.Latency, budget.LatencyMs);

    private static (string Unit, Func<CostFacts, double?> Cost) Quantity(CostQuantity quantity) => quantity switch
    {
        CostQuantity.Energy => ("energy in mJ", c => c.EnergyMj),
        CostQuantity.Latency => ("latency in ms", c => c.LatencyMs),
        _ => ("parameters in kB", c => c.SizeBytes / 1e3),
    };

    private static string Describe(List<Dot> dots) =>
        string.Join("; ", dots.OrderBy(d => d.Cost).Take(40).Select(d => $"{d.Name}: {Figure.Short(d.Cost)}, {Figure.Short(d.Value)}")) + ".";
}
