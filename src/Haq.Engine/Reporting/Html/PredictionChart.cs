using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>What the scores predicted for the policies tried against what was measured: how far additive scores can be trusted.</summary>
internal static class PredictionChart
{
    private const int FewestDots = 4, MostDots = 1500;

    /// <summary>Enough policies have both figures.</summary>
    public static bool CanDraw(SearchFacts search) => search.Metric == "loss" && Pairs(search).Take(FewestDots).Count() == FewestDots;

    public static Markup Draw(SearchFacts search)
    {
        var pairs = Pairs(search).ToList();
        int every = (pairs.Count + MostDots - 1) / MostDots;
        var x = Axis.Logarithmic(pairs.Select(p => p.Predicted));
        var y = Axis.Logarithmic(pairs.Select(p => p.Measured));
        var frame = new PlotFrame("prediction", x, y, 220);
        var html = new MarkupBuilder();
        bool comparable = ScoreUnit.IsDamage(search.ScoredBy);
        frame.Open(html, "Predicted against measured damage", Describe(search, pairs), $"sum of the sensitivities, {ScoreUnit.Of(search.ScoredBy)}", "damage measured on the search set in nats");
        if (comparable) Equal(html, frame, x, y);
        html.Add($"<g class=\"tries\">");
        for (int i = 0; i < pairs.Count; i += every) html.Add($"<circle cx=\"{frame.X(pairs[i].Predicted)}\" cy=\"{frame.Y(pairs[i].Measured)}\" r=\"2.6\"/>");
        html.Add($"</g>");
        frame.Close(html);
        html.Add($"<ul class=\"legend\"><li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><g class=\"tries\"><circle cx=\"6\" cy=\"6\" r=\"3\"/></g></svg>policy tried</li>");
        if (comparable) html.Add($"<li><svg width=\"18\" height=\"12\" aria-hidden=\"true\"><line class=\"budget\" x1=\"0\" x2=\"18\" y1=\"6\" y2=\"6\"/></svg>predicted is measured</li>");
        html.Add($"</ul>");
        return html.ToMarkup();
    }

    // The line of equality, as far as both axes go.
    private static void Equal(MarkupBuilder html, PlotFrame frame, Axis x, Axis y)
    {
        double low = Math.Max(x.ValueAt(0), y.ValueAt(0)), high = Math.Min(x.ValueAt(1), y.ValueAt(1));
        if (low < high) html.Add($"<line class=\"budget\" x1=\"{frame.X(low)}\" y1=\"{frame.Y(low)}\" x2=\"{frame.X(high)}\" y2=\"{frame.Y(high)}\"/>");
    }

    private static IEnumerable<(double Predicted, double Measured)> Pairs(SearchFacts search) =>
        search.Progress.Where(p => p.Predicted is > 0 && p.Score > 0).Select(p => (p.Predicted!.Value, p.Score)).Distinct();

    private static string Describe(SearchFacts search, List<(double Predicted, double Measured)> pairs) =>
        $"{pairs.Count} policies, predicted from {Figure.Short(pairs.Min(p => p.Predicted))} to {Figure.Short(pairs.Max(p => p.Predicted))}, measured from {Figure.Short(pairs.Min(p => p.Measured))} to "
        + $"{Figure.Short(pairs.Max(p => p.Measured))}{(search.RankCorrelation is { } rank ? $"; rank correlation {Figure.Short(rank)}" : "")}.";
}
