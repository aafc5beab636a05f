using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The roofline: how fast each layer runs against what its arithmetic intensity allows, both on logarithmic axes.</summary>
internal static class RooflineChart
{
    /// <summary>There is something to draw: a layer with DRAM traffic.</summary>
    public static bool CanDraw(ReportModel report) => report.Layers.Any(HasPoint);

    public static Markup Draw(ReportModel report)
    {
        ImmutableArray<LayerFacts> layers = [.. report.Layers.Where(HasPoint)];
        double? bandwidth = report.Hardware.BandwidthGBPerSecond;
        var x = Axis.Logarithmic(layers.Select(l => l.Chosen.MacsPerByte!.Value));
        // A peak that the slope meets beyond the picture holds nobody up in it.
        var peaks = Peaks(layers).Where(p => !(p.Gmacs / bandwidth >= x.ValueAt(1))).ToList();
        var heights = layers.Select(l => l.Chosen.AchievedGmacs).Concat(layers.Select(l => l.Chosen.AttainableGmacs ?? 0)).Concat(peaks.Select(p => p.Gmacs));
        var frame = new PlotFrame("roof", x, Axis.Logarithmic(heights), 320);
        var html = new MarkupBuilder();
        frame.Open(html, "Roofline", Describe(layers), "multiply-accumulates per byte of DRAM traffic", "10⁹ multiply-accumulates per second");
        Roofs(html, frame, x, peaks, bandwidth);
        html.Add($"<g class=\"marks\">");
        foreach (var layer in layers) Point(html, frame, layer);
        html.Add($"</g>");
        frame.Close(html);
        Legend(html, layers, peaks.Count > 0 || bandwidth is not null);
        return html.ToMarkup();
    }

    private static void Roofs(MarkupBuilder html, PlotFrame frame, Axis x, List<(string Name, double Gmacs)> peaks, double? bandwidth)
    {
        double from = x.ValueAt(0), to = x.ValueAt(1);
        if (bandwidth is { } slope)
        {
            double end = peaks.Count > 0 ? Math.Min(to, peaks[^1].Gmacs / slope) : to;
            if (end > from)
            {
                html.Add(
                $"<svg class=\"roof\" width=\"100%\" height=\"{frame.Height}\" style=\"overflow:hidden\">{PlotFrame.Lines(Markup.Of($"<path d=\"{frame.Path([(from, from * slope), (end, end * slope)])}\"/>"))}</svg>");
            }
        }
        foreach (var (name, gmacs) in peaks)
        {
            double start = bandwidth is { } b ? Math.Clamp(gmacs / b, from, to) : from;
            html.Add($"<line class=\"roof\" x1=\"{frame.X(start)}\" x2=\"100%\" y1=\"{frame.Y(gmacs)}\" y2=\"{frame.Y(gmacs)}\"/>");
            html.Add($"<text class=\"note\" x=\"100%\" dx=\"-4\" y=\"{frame.Y(gmacs)}\" dy=\"-5\" text-anchor=\"end\">peak at {name}</text>");
        }
    }

    private static void Point(MarkupBuilder html, PlotFrame frame, LayerFacts layer)
    {
        var cost = layer.Chosen;
        string at = frame.X(cost.MacsPerByte!.Value);
        string roof = cost.AttainableGmacs is { } attainable ? $", {Figure.Share(cost.AchievedGmacs / attainable)} of attainable" : "";
        html.Add($"<g class=\"mark {BoundStyle.Class(cost.Bound)}\" data-layer=\"{layer.Index}\"><title>{LayerDetail.Of(layer)} · {Figure.Short(cost.MacsPerByte)} MAC/byte, {Figure.Short(cost.AchievedGmacs)} GMAC/s{roof}</title>");
        if (cost.AttainableGmacs is { } top && top > cost.AchievedGmacs * 1.001)
            html.Add($"<line class=\"headroom\" x1=\"{at}\" x2=\"{at}\" y1=\"{frame.Y(cost.AchievedGmacs)}\" y2=\"{frame.Y(top)}\"/>");
        html.Add($"<svg x=\"{at}\" y=\"{frame.Y(cost.AchievedGmacs)}\" class=\"point\">{BoundStyle.Shape(cost.Bound)}</svg></g>");
    }

    private static void Legend(MarkupBuilder html, ImmutableArray<LayerFacts> layers, bool roofs)
    {
        html.Add($"<ul class=\"legend\">");
        foreach (var bound in layers.Select(l => l.Chosen.Bound).Distinct().Order())
            html.Add($"<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><g class=\"point {BoundStyle.Class(bound)}\">{BoundStyle.Shape(bound)}</g></svg>{BoundStyle.Clause(bound)}</li>");
        if (roofs) html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><line class=\"roof\" x1=\"0\" x2=\"18\" y1=\"6\" y2=\"6\"/></svg>roof of the hardware</li>");
        if (layers.Any(l => l.Chosen.AttainableGmacs > l.Chosen.AchievedGmacs * 1.001))
            html.Add($"<li><svg width=\"8\" height=\"14\" aria-hidden=\"true\"><line class=\"headroom\" x1=\"4\" x2=\"4\" y1=\"0\" y2=\"14\"/></svg>headroom to a layer's own roof</li>");
        html.Add($"</ul>");
    }

    // Bit-serial targets have a peak for every pair of widths; the lowest, the highest and that of 8 bit bracket the others.
    private static IReadOnlyList<(string Name, double Gmacs)> Peaks(ImmutableArray<LayerFacts> layers)
    {
        var all = layers.SelectMany(l => new[] { l.Chosen, l.At8Bit }).Where(c => c.PeakGmacs is > 0)
            .Select(c => (Name: $"w{c.Weights}a{c.Activations}", Gmacs: c.PeakGmacs!.Value)).DistinctBy(p => p.Gmacs).OrderBy(p => p.Gmacs).ToList();
        if (all.Count <= 3) return all;
        var eight = all.FirstOrDefault(p => p.Name == "w8a8", all[0]);
        return [.. new[] { all[0], eight, all[^1] }.DistinctBy(p => p.Gmacs)];
    }

    private static bool HasPoint(LayerFacts layer) => layer.Chosen is { MacsPerByte: > 0, AchievedGmacs: > 0 };

    private static string Describe(ImmutableArray<LayerFacts> layers)
    {
        var known = layers.Where(l => l.Chosen.AttainableGmacs > 0).Select(l => l.Chosen.AchievedGmacs / l.Chosen.AttainableGmacs!.Value).Order().ToList();
        string reach = known.Count == 0 ? "" : $" The median layer reaches {Figure.Share(known[known.Count / 2])} of what its intensity allows.";
        return $"{layers.Length} layers as points, by arithmetic intensity and by speed.{reach}";
    }
}
