using System.Collections.Immutable;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The course of fine-tuning on the search set: the start and every epoch as a dot, the one that was kept larger.</summary>
internal static class FineTuneChart
{
    public static bool CanDraw(FineTuneFacts training) => PointsOf(training).Values.Length > 1;

    public static Markup Draw(FineTuneFacts training)
    {
        var (values, metric) = PointsOf(training);
        var frame = new PlotFrame("finetuning", Axis.Linear(values.Select(v => v.Epoch), 6, whole: true), Axis.Linear(values.Select(v => v.Value)), 200);
        var html = new MarkupBuilder();
        bool loss = metric == "damage in nats";
        frame.Open(html, "Fine-tuning", Describe(training, values, metric), "epoch; 0 is the start", $"{metric} on the search set, {(loss ? "lower" : "higher")} is better");
        html.Add($"<g class=\"best\">{PlotFrame.Lines(Markup.Of($"<path d=\"{frame.Path(values)}\"/>"))}</g><g class=\"epochs\">");
        foreach (var (epoch, value) in values)
            html.Add($"<circle class=\"{(epoch == training.KeptEpoch ? "kept" : "")}\" cx=\"{frame.X(epoch)}\" cy=\"{frame.Y(value)}\" r=\"{(epoch == training.KeptEpoch ? "5" : "2.5")}\"/>");
        html.Add($"</g>");
        frame.Close(html);
        html.Add($"<ul class=\"legend\"><li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><g class=\"epochs\"><circle class=\"kept\" cx=\"6\" cy=\"6\" r=\"5\"/></g></svg>what was kept</li></ul>");
        return html.ToMarkup();
    }

    // The best figure that there is for every epoch.
    private static (ImmutableArray<(double Epoch, double Value)> Values, string Metric) PointsOf(FineTuneFacts training)
    {
        (Func<AccuracyFacts, double?> Read, string Metric)[] figures = [(a => a.Top1, "top-1 in percent"), (a => a.Agreement, "agreement in percent"), (a => a.Loss, "damage in nats")];
        var measured = training.Epochs.Select(e => ((double)e.Epoch, e.Validation)).Prepend((0, training.Start)).Where(m => m.Item2 is not null).ToList();
        foreach (var (read, metric) in figures)
            if (measured.Count > 0 && measured.TrueForAll(m => read(m.Item2!) is not null)) return ([.. measured.Select(m => (m.Item1, read(m.Item2!)!.Value))], metric);
        return ([], "");
    }

    private static string Describe(FineTuneFacts training, ImmutableArray<(double Epoch, double Value)> values, string metric) =>
        $"{metric}: {Figure.Short(values[0].Value)} at the start, {Figure.Short(values[^1].Value)} after {Figure.Count(training.Epochs.Length)} epochs; "
        + (training.KeptEpoch == 0 ? "the start was kept." : $"epoch {training.KeptEpoch} was kept.");
}
