using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>What each step of quantization gained, and the course of fine-tuning.</summary>
internal static class RecoverySection
{
    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        if (report.Steps.Length > 0) Steps(html, report);
        if (report.Finetune is { } training) Training(html, training);
        return html.ToMarkup();
    }

    private static string Gain(StepFacts step) => step.Top1After - step.Top1Before is not { } gain ? Figure.Percent(null)
        : (gain < 0 ? "\u2212" : "+") + Math.Abs(gain).ToString("0.00", CultureInfo.InvariantCulture) + (step.StandardError is { } error
            ? " ± " + error.ToString("0.00", CultureInfo.InvariantCulture) : "");

    private static void Training(MarkupBuilder html, FineTuneFacts training)
    {
        html.Add($"<h3>Fine-tuning</h3><p>{training.Optimizer}, {training.Loss} loss, {Figure.Count(training.Samples)} images per epoch{(training.Data is { } data ? $" of {data}" : "")}.");
        if (training.BatchNorm is { } statistics)
            html.Add($" Statistics of batch normalization: {(statistics == "frozen" ? "frozen, as the model has them" : "measured again after every epoch, on training images")}.");
        int retries = training.Epochs.Sum(e => e.Retries);
        if (retries > 0) html.Add($" Training diverged and went back {(retries == 1 ? "once" : $"{Figure.Count(retries)} times")}, each time to go on at half the rate.");
        if (training.KeptEpoch is { } kept) html.Add($" {(kept == 0 ? "No epoch was better than the start, which was kept." : $"Epoch {Figure.Count(kept)} was kept.")}");
        html.Add($"</p>");
        if (FineTuneChart.CanDraw(training)) html.Add($"<figure>{FineTuneChart.Draw(training)}</figure>");
        var table = new Table("Fine-tuning, epoch by epoch; validation on the search set");
        table.Number("Epoch");
        table.Number("Training loss");
        table.Number("Validation damage, nats");
        table.Number("Validation top-1");
        table.Number("Validation agreement");
        table.Number("Learning rate");
        table.Number("Begun again");
        table.Open(html);
        if (training.Start is { } start) table.Row(html, [Kept(0), "", Figure.Short(start.Loss), Figure.Percent(start.Top1), Figure.Percent(start.Agreement), "", ""]);
        foreach (var epoch in training.Epochs)
        {
            var score = epoch.Validation;
            table.Row(html,
            [
                Kept(epoch.Epoch), Figure.Short(epoch.TrainingLoss), Figure.Short(score?.Loss), Figure.Percent(score?.Top1), Figure.Percent(score?.Agreement), Figure.Short(epoch.LearningRate),
                epoch.Retries == 0 ? "" : Figure.Count(epoch.Retries),
            ]);
        }
        table.Close(html);

        string Kept(int epoch) => Figure.Count(epoch) + (epoch == training.KeptEpoch ? " (kept)" : "");
    }

    private static void Steps(MarkupBuilder html, ReportModel report)
    {
        bool loss = report.Steps.Any(s => s.LossAfter is not null), top1 = report.Steps.Any(s => s.Top1After is not null);
        var table = new Table("Post-training steps in the order they ran");
        table.Text("Step");
        table.Text("What it did");
        if (loss)
        {
            table.Number("Damage before, nats");
            table.Number("Damage after, nats");
        }
        if (top1)
        {
            table.Number("Top-1 before");
            table.Number("Top-1 after");
            table.Number("Gain", "percentage points, with one standard error of the paired difference");
        }
        table.Open(html);
        foreach (var step in report.Steps)
        {
            var cells = new List<string> { step.Name, step.Detail ?? "" };
            if (loss) cells.AddRange([Figure.Short(step.LossBefore), Figure.Short(step.LossAfter)]);
            if (top1) cells.AddRange([Figure.Percent(step.Top1Before), Figure.Percent(step.Top1After), Gain(step)]);
            table.Row(html, cells);
        }
        table.Close(html);
    }
}
