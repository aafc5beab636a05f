using System.Collections.Immutable;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>A column per layer: upwards the loss that goes when the layer alone is float again, downwards the noise of its own output, both as shares of the greatest.</summary>
internal static class DamageChart
{
    private const int Half = 90, Margin = 6, NarrowestBar = 5, WidestBar = 56;

    /// <summary>There is something to draw.</summary>
    public static bool CanDraw(ReportModel report) => report.Layers.Any(l => l.GivenBack is not null) || report.Layers.Any(l => l.SqnrDb is not null);

    public static Markup Draw(ImmutableArray<LayerFacts> layers)
    {
        int middle = Half + Margin, height = 2 * middle;
        double most = layers.Max(l => l.GivenBack) ?? 0, noisiest = layers.Max(NoiseOf), tick = OneDigit(most);
        var html = new MarkupBuilder();
        html.Add($"<div class=\"axis-title\">loss that goes when this layer alone is float again ↑ · noise of its own output ↓</div>");
        html.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Damage of every layer, scrolls sideways\" tabindex=\"0\">");
        html.Add($"<div class=\"plot bits\" style=\"min-width:{layers.Length * NarrowestBar + 60}px;max-width:{layers.Length * WidestBar + 60}px\">");
        html.Add($"<svg role=\"img\" width=\"100%\" height=\"{height}\" aria-labelledby=\"damage-t damage-d\" class=\"marks\"><title id=\"damage-t\">Damage of every layer</title><desc id=\"damage-d\">{Describe(layers)}</desc>");
        html.Add($"<g class=\"grid\" aria-hidden=\"true\"><text x=\"-8\" y=\"{PlotFrame.Coordinate(middle - (most > 0 ? tick / most : 1) * Half)}\" dy=\".32em\" text-anchor=\"end\">{Figure.Tick(tick)}</text><text x=\"-8\" y=\"{middle}\" dy=\".32em\" text-anchor=\"end\">0</text></g>");
        double slot = 100.0 / layers.Length;
        foreach (var layer in layers)
        {
            string left = PlotFrame.Coordinate(slot * (layer.Index + 0.1)), width = PlotFrame.Coordinate(slot * 0.8);
            double up = most > 0 ? Math.Max(0, (layer.GivenBack ?? 0) / most) * Half : 0, down = noisiest > 0 ? NoiseOf(layer) / noisiest * Half : 0;
            html.Add($"<g class=\"mark {BoundStyle.Class(layer.Chosen.Bound)}\" data-layer=\"{layer.Index}\"><title>{LayerDetail.Of(layer)} · {Figure.Estimate(layer.GivenBack, layer.DamageEstimated)} nats given back · {Figure.Short(layer.SqnrDb)} dB</title>");
            html.Add($"<rect class=\"slot\" x=\"{PlotFrame.Coordinate(slot * layer.Index)}%\" width=\"{PlotFrame.Coordinate(slot)}%\" y=\"0\" height=\"{height}\"/>");
            html.Add($"<rect class=\"chosen\" x=\"{left}%\" width=\"{width}%\" y=\"{PlotFrame.Coordinate(middle - up)}\" height=\"{PlotFrame.Coordinate(up)}\"/>");
            html.Add($"<rect class=\"uniform\" x=\"{left}%\" width=\"{width}%\" y=\"{middle}\" height=\"{PlotFrame.Coordinate(down)}\"/></g>");
        }
        html.Add($"<line class=\"zero\" x1=\"0\" x2=\"100%\" y1=\"{middle}\" y2=\"{middle}\"/></svg></div></div>");
        return html.ToMarkup();
    }

    /// <summary>The greatest number of one digit that is no greater: short enough for the margin.</summary>
    private static double OneDigit(double value)
    {
        if (value <= 0) return 0;
        double decade = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return Math.Floor(value / decade) * decade;
    }

    /// <summary>Noise as a share of the signal's amplitude; 0 where there is none.</summary>
    private static double NoiseOf(LayerFacts layer) => layer.SqnrDb is { } decibels ? Math.Pow(10, -decibels / 20) : 0;

    private static string Describe(ImmutableArray<LayerFacts> layers)
    {
        var worst = layers.Where(l => l.GivenBack is > 0).OrderByDescending(l => l.GivenBack).Take(3).Select(l => $"{l.Name} ({Figure.Short(l.GivenBack)} nats)").ToList();
        return worst.Count == 0 ? $"{layers.Length} layers." : $"{layers.Length} layers. Most would be given back by {string.Join(", ", worst)}.";
    }
}
