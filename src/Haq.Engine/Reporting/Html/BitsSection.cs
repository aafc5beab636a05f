namespace Haq.Engine.Reporting.Html;

/// <summary>The bits of every layer, with what the hardware makes of them.</summary>
internal static class BitsSection
{
    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<figure>{BitsChart.Draw(report.Layers)}");
        html.Add($"<p class=\"detail\" data-detail=\"\" aria-live=\"polite\">One bar per layer, in execution order. Point at a bar for its figures; with the keyboard, focus the picture and use the arrow keys.</p></figure>");
        if (ActivationShares.Sentence(report) is { } shares) html.Add($"<p>{char.ToUpperInvariant(shares[0])}{shares[1..]}.</p>");
        if (report.Note is { } note) html.Add($"<p class=\"note\"><strong>{note}</strong></p>");
        var rounded = report.Layers.Where(l => l.ComputedWeights is not null || l.ComputedActivations is not null)
            .GroupBy(l => (l.Chosen.Weights, l.Chosen.Activations, W: l.ComputedWeights ?? l.Chosen.Weights, A: l.ComputedActivations ?? l.Chosen.Activations))
            .OrderBy(g => g.Key).ToList();
        if (rounded.Count > 0)
            html.Add($"<p><bdi>{report.Hardware.Name}</bdi> rounds widths that it lacks up for compute and stores them as they are: {string.Join(", ", rounded.Select(g => $"w{g.Key.Weights}a{g.Key.Activations} as w{g.Key.W}a{g.Key.A} ({g.Count()} layers)"))}.</p>");
        return html.ToMarkup();
    }
}
