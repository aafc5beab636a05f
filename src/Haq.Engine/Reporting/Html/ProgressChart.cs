using System.Collections.Immutable;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The search's progress: every policy tried as a dot, the best so far as a line.</summary>
internal static class ProgressChart
{
    // More dots than this cover each other; all of them are in the JSON report.
    private const int MostDots = 1500;

    public static bool CanDraw(SearchFacts? search) => search is { Progress.Length: > 1 };

    public static Markup Draw(SearchFacts search)
    {
        var points = search.Progress;
        bool log = !search.HigherIsBetter && points.Min(p => p.Score) is > 0 and var least && points.Max(p => p.Score) > least * 20;
        var (low, high) = Middle(points);
        var scores = points.Select(p => p.Best).Concat([low, high]);
        var frame = new PlotFrame(
            "progress", Axis.Linear(points.Select(p => (double)p.Number), 6, whole: true), log ? Axis.Logarithmic(scores) : Axis.Linear(scores), 220);
        var html = new MarkupBuilder();
        string direction = search.HigherIsBetter ? "higher is better" : "lower is better";
        frame.Open(html, "Search progress", Describe(search), "policies tried", $"{Metric(search.Metric)} on the search set, {direction}");
        html.Add($"<g class=\"tries\">");
        foreach (var point in Thinned(points))
            html.Add($"<circle cx=\"{frame.X(point.Number)}\" cy=\"{frame.Y(Math.Clamp(point.Score, low, high))}\" r=\"2.2\"/>");
        html.Add($"</g><g class=\"best\">{PlotFrame.Lines(Markup.Of($"<path d=\"{frame.Path(Corners(points), steps: true)}\"/>"))}</g>");
        frame.Close(html);
        html.Add($"<ul class=\"legend\"><li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><g class=\"tries\"><circle cx=\"6\" cy=\"6\" r=\"3\"/></g></svg>policy tried; the worst twentieth at the edge</li>");
        html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><g class=\"best\"><path d=\"M0 6H18\"/></g></svg>best within the budget so far</li></ul>");
        return html.ToMarkup();
    }

    /// <summary>A metric's name in words.</summary>
    public static string Metric(string metric) => metric switch
    {
        "loss" => "damage in nats",
        "top1" => "top-1",
        "top5" => "top-5",
        "sqnr" => "SQNR",
        _ => metric,
    };

    // A few collapsed policies would flatten all others: the farthest twentieth on the worse side is drawn at the edge.
    private static (double Low, double High) Middle(ImmutableArray<SearchPoint> points)
    {
        double[] sorted = [.. points.Select(p => p.Score).Order()];
        int cut = sorted.Length / 20;
        return points[^1].Best >= sorted[sorted.Length / 2] ? (sorted[cut], sorted[^1]) : (sorted[0], sorted[^(cut + 1)]);
    }

    private static IEnumerable<SearchPoint> Thinned(ImmutableArray<SearchPoint> points)
    {
        int every = (points.Length + MostDots - 1) / MostDots;
        for (int i = 0; i < points.Length; i += every) yield return points[i];
    }

    private static IEnumerable<(double, double)> Corners(ImmutableArray<SearchPoint> points)
    {
        for (int i = 0; i < points.Length; i++)
            if (i == 0 || i == points.Length - 1 || points[i].Best != points[i - 1].Best) yield return (points[i].Number, points[i].Best);
    }

    private static string Describe(SearchFacts search)
    {
        var points = search.Progress;
        return $"{points.Length} policies tried; the best went from {Figure.Short(points[0].Best)} to {Figure.Short(points[^1].Best)}.";
    }
}
