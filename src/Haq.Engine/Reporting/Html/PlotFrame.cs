using System.Globalization;

namespace Haq.Engine.Reporting.Html;

/// <summary>
/// The frame of a picture: axes, grid, labels. Horizontal places are percentages and vertical ones pixels, so that a picture follows the page's
/// width while its text keeps its size.
/// </summary>
internal sealed class PlotFrame(string id, Axis x, Axis y, int height)
{
    /// <summary>Height of the plot area in pixels.</summary>
    public int Height => height;

    /// <summary>For example <c>41.25%</c>.</summary>
    public string X(double value) => Coordinate(x.At(value) * 100) + "%";

    /// <summary>Pixels from the top.</summary>
    public string Y(double value) => Coordinate(Level(value));

    /// <summary>The same as a number.</summary>
    public double Level(double value) => (1 - y.At(value)) * height;

    /// <summary>A line through values, in the 0..100 box of <see cref="Lines"/>.</summary>
    public Markup Path(IEnumerable<(double X, double Y)> points, bool steps = false)
    {
        var path = new System.Text.StringBuilder();
        foreach (var (px, py) in points)
        {
            string at = Coordinate(x.At(px) * 100), level = Coordinate((1 - y.At(py)) * 100);
            if (path.Length == 0) path.Append(CultureInfo.InvariantCulture, $"M{at} {level}");
            else if (steps) path.Append(CultureInfo.InvariantCulture, $"H{at}V{level}");
            else path.Append(CultureInfo.InvariantCulture, $"L{at} {level}");
        }
        return new Markup(path.ToString());
    }

    /// <summary>Opens the figure's drawing with its grid.</summary>
    public void Open(MarkupBuilder html, string title, string description, string xTitle, string yTitle)
    {
        html.Add($"<div class=\"axis-title\">{yTitle}</div>");
        html.Add($"<div class=\"plot\"><svg role=\"img\" width=\"100%\" height=\"{height}\" aria-labelledby=\"{id}-t {id}-d\">");
        html.Add($"<title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{description}</desc>");
        html.Add($"<g class=\"grid\" aria-hidden=\"true\">");
        foreach (double tick in y.Ticks)
        {
            html.Add($"<line x1=\"0\" x2=\"100%\" y1=\"{Y(tick)}\" y2=\"{Y(tick)}\"/>");
            html.Add($"<text x=\"-8\" y=\"{Y(tick)}\" dy=\".32em\" text-anchor=\"end\">{Figure.Tick(tick)}</text>");
        }
        for (int i = 0; i < x.Ticks.Count; i++)
        {
            double tick = x.Ticks[i];
            html.Add($"<line x1=\"{X(tick)}\" x2=\"{X(tick)}\" y1=\"0\" y2=\"{height}\"/>");
            // On narrow pages every other label goes, so that they never touch.
            string thin = i % 2 == 1 && x.Ticks.Count > 5 ? " class=\"thin\"" : "";
            html.Add($"<text{new Markup(thin)} x=\"{X(tick)}\" y=\"{height + 18}\" text-anchor=\"middle\">{Figure.Tick(tick)}</text>");
        }
        html.Add($"</g>");
        XTitle = xTitle;
    }

    /// <summary>Closes what <see cref="Open"/> opened.</summary>
    public void Close(MarkupBuilder html) => html.Add($"</svg></div><div class=\"axis-title below\">{XTitle}</div>");

    /// <summary>A box of 100 x 100 stretched over the plot area, for <see cref="Path"/>; line widths keep their size.</summary>
    public static Markup Lines(Markup content) => Markup.Of($"<svg class=\"lines\" width=\"100%\" height=\"100%\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\">{content}</svg>");

    /// <summary>A coordinate with at most two decimals.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private string XTitle { get; set; } = "";
}
