using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>What every width of every layer would hurt: a column per layer, a row per width, darker by decades of damage, the chosen widths framed.</summary>
internal static class SensitivityChart
{
    private const int RowHeight = 14;
    private const int Gap = 10;
    private const int NarrowestColumn = 5;
    private const int WidestColumn = 56;

    // Upper ends of the shades, in the sensitivities' unit: absolute, so that two reports compare.
    private static readonly double[] s_shades = [1e-4, 1e-3, 1e-2, 1e-1, double.PositiveInfinity];

    /// <summary>There are scores to draw.</summary>
    public static bool CanDraw(ReportModel report) => report.Layers.Any(l => l.Sensitivity.Length > 0);

    public static Markup Draw(ImmutableArray<LayerFacts> layers, string unit)
    {
        int[] weights = Widths(layers, s => s.Weights), activations = Widths(layers, s => s.Activations);
        int gap = weights.Length > 0 && activations.Length > 0 ? Gap : 0;
        int height = (weights.Length + activations.Length) * RowHeight + gap, below = weights.Length * RowHeight + gap;
        var html = new MarkupBuilder();
        html.Add($"<div class=\"axis-title\">bits of weights, above, and of activations, below</div>");
        html.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Damage of every width, scrolls sideways\" tabindex=\"0\">");
        html.Add($"<div class=\"plot\" style=\"min-width:{layers.Length * NarrowestColumn + 60}px;max-width:{layers.Length * WidestColumn + 60}px\">");
        html.Add($"<svg role=\"img\" width=\"100%\" height=\"{height}\" aria-labelledby=\"heat-t heat-d\"><title id=\"heat-t\">Damage of every width</title><desc id=\"heat-d\">{Describe(layers, unit)}</desc>");
        Labels(html, weights, 0);
        Labels(html, activations, below);
        html.Add($"<svg class=\"lines\" width=\"100%\" height=\"{height}\" viewBox=\"0 0 {layers.Length} {height}\" preserveAspectRatio=\"none\">{Cells(layers, weights, activations, below)}</svg>");
        foreach (var layer in layers)
            html.Add($"<g class=\"mark\" data-layer=\"{layer.Index}\"><title>{LayerDetail.Of(layer)}{(layer.Damage is { } d ? $" · {Figure.Short(d)} {unit} of damage" : "")}</title><rect class=\"frame\" x=\"{PlotFrame.Coordinate(100.0 * layer.Index / layers.Length)}%\" width=\"{PlotFrame.Coordinate(100.0 / layers.Length)}%\" y=\"0\" height=\"{height}\"/></g>");
        html.Add($"</svg></div></div>");
        Legend(html, unit);
        return html.ToMarkup();
    }

    private static Markup Cells(ImmutableArray<LayerFacts> layers, int[] weights, int[] activations, int below)
    {
        var shades = s_shades.Select(_ => new StringBuilder()).ToArray();
        var chosen = new StringBuilder();
        foreach (var layer in layers)
        {
            foreach (var score in layer.Sensitivity)
            {
                int y = score.Weights is { } w ? Row(weights, w, 0) : Row(activations, score.Activations!.Value, below);
                Cell(shades[Array.FindIndex(s_shades, end => score.Damage < end)], layer.Index, y);
            }
            if (weights.Contains(layer.Chosen.Weights)) Cell(chosen, layer.Index, Row(weights, layer.Chosen.Weights, 0));
            if (activations.Contains(layer.Chosen.Activations)) Cell(chosen, layer.Index, Row(activations, layer.Chosen.Activations, below));
        }
        var html = new MarkupBuilder();
        for (int i = 0; i < shades.Length; i++)
            if (shades[i].Length > 0) html.Add($"<path class=\"heat h{i}\" d=\"{new Markup(shades[i].ToString())}\"/>");
        html.Add($"<path class=\"taken\" d=\"{new Markup(chosen.ToString())}\"/>");
        return html.ToMarkup();
    }

    // The widest width is on top, as high damage is at the bottom.
    private static int Row(int[] widths, int bits, int top) => top + (widths.Length - 1 - Array.IndexOf(widths, bits)) * RowHeight;

    private static void Cell(StringBuilder path, int column, int y) =>
        path.Append(CultureInfo.InvariantCulture, $"M{column} {y}h1v{RowHeight}h-1z");

    private static void Labels(MarkupBuilder html, int[] widths, int top)
    {
        html.Add($"<g class=\"grid\" aria-hidden=\"true\">");
        foreach (int bits in widths)
            if (bits % 2 == 0 || widths.Length < 4) html.Add($"<text x=\"-8\" y=\"{Row(widths, bits, top) + RowHeight / 2}\" dy=\".32em\" text-anchor=\"end\">{bits}</text>");
        html.Add($"</g>");
    }

    private static void Legend(MarkupBuilder html, string unit)
    {
        html.Add($"<ul class=\"legend\">");
        for (int i = 0; i < s_shades.Length; i++)
        {
            string range = i == s_shades.Length - 1 ? $"{Figure.Tick(s_shades[i - 1])} and more" : $"under {Figure.Tick(s_shades[i])}";
            html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><rect class=\"heat h{i}\" width=\"18\" height=\"12\"/></svg>{range}{(i == 0 ? " " + unit : "")}</li>");
        }
        html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><rect class=\"taken\" x=\"1\" y=\"1\" width=\"16\" height=\"10\"/></svg>chosen</li></ul>");
    }

    private static int[] Widths(ImmutableArray<LayerFacts> layers, Func<SensitivityFacts, int?> of) =>
        [.. layers.SelectMany(l => l.Sensitivity).Select(of).Where(w => w is not null).Select(w => w!.Value).Distinct().Order()];

    private static string Describe(ImmutableArray<LayerFacts> layers, string unit)
    {
        var worst = layers.Where(l => l.Damage is not null).OrderByDescending(l => l.Damage).Take(3).Select(l => $"{l.Name} ({Figure.Short(l.Damage)} {unit})");
        return $"{layers.Length} layers. At the chosen widths the most damage is predicted for {string.Join(", ", worst)}.";
    }
}
