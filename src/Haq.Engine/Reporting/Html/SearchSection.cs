using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>How the policy was found and how far that can be trusted.</summary>
internal static class SearchSection
{
    public static Markup Write(SearchFacts search)
    {
        var html = new MarkupBuilder();
        if (ProgressChart.CanDraw(search)) html.Add($"<figure>{ProgressChart.Draw(search)}</figure>");
        html.Add($"<dl class=\"facts\"><div><dt>Strategy</dt><dd>{search.Strategy}</dd></div><div><dt>Seed</dt><dd>{search.Seed}</dd></div>");
        html.Add($"<div><dt>Policies tried</dt><dd>{Figure.Count(search.Evaluated)}{(search.Completed ? "" : " (ended early: the best so far was kept)")}</dd></div>");
        if (search.Samples is { } samples) html.Add($"<div><dt>Search set</dt><dd>{Figure.Count(samples)} images</dd></div>");
        if (search.ScoredBy is { } scorer) html.Add($"<div><dt>Choices scored by</dt><dd>{scorer}</dd></div>");
        if (search.PredictedDamage is { } predicted) html.Add($"<div><dt>Damage predicted</dt><dd>{Figure.Short(predicted)} {ScoreUnit.Of(search.ScoredBy)}</dd></div>");
        if (search.MeasuredDamage is { } measured) html.Add($"<div><dt>Damage measured</dt><dd>{Figure.Short(measured)} nats</dd></div>");
        if (search.OptimalityGap is { } gap)
        {
            html.Add(
            $"<div><dt>Optimality gap</dt><dd>{(gap <= 1e-12 ? "none: proved optimal for the sensitivities" : $"at most {Figure.Share(gap)} of the predicted damage")}</dd></div>");
        }

        if (search.RankCorrelation is { } rank) html.Add($"<div><dt>Predicted against measured, rank correlation</dt><dd>{rank.ToString("0.00", CultureInfo.InvariantCulture)}</dd></div>");
        html.Add($"</dl>");
        if (PredictionChart.CanDraw(search)) html.Add($"<figure>{PredictionChart.Draw(search)}</figure>");
        if (search is { PredictedDamage: not null, MeasuredDamage: not null })
            html.Add($"<p class=\"note\">The prediction adds up what each layer does by itself; what layers do to each other is the difference to the measurement.</p>");
        return html.ToMarkup();
    }
}
