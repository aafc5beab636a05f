using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>The best candidates as whole files on the device, beside what was predicted of them.</summary>
internal static class DeviceSection
{
    private const int Digits = 8;

    public static Markup Write(DeviceFacts device, HardwareFacts hardware)
    {
        var html = new MarkupBuilder();
        html.Add($"<p>Timed by <code>{device.By}</code>, {device.Rounds} rounds in turn. This file takes {Figure.Time(device.MeasuredMs)} there; {hardware.Name} predicted {Figure.Time(device.PredictedMs)}, ");
        html.Add($"{Figure.Percent(100 * Math.Abs(device.PredictedMs / device.MeasuredMs - 1))} {(device.PredictedMs > device.MeasuredMs ? "more" : "less")}. ");
        html.Add($"{(device.Candidates.Any(c => c.KeepsAccuracy) ? "Of the candidates that keep the accuracy, the fastest was taken" : "No candidate keeps the accuracy, and the search's own choice stands")}: ");
        html.Add($"{Figure.Percent(device.LeastQuality)} on the search set was asked for.</p>");
        var table = new Table("Candidates of the search as whole files on the device");
        table.Text("Policy");
        table.Number("Bits of weights");
        table.Number("of activations");
        table.Number("On the search set");
        table.Number("Predicted");
        table.Number("Measured");
        table.Number("Spread");
        table.Text("");
        table.Open(html);
        foreach (var c in device.Candidates)
        {
            string verdict = c.IsChosen ? "this file" : c.KeepsAccuracy ? "" : "loses too much";
            string bits = Figure.Short(c.WeightBits), activations = Figure.Short(c.ActivationBits);
            table.Row(html, [c.Policy[..Digits], bits, activations, Figure.Percent(c.Quality), Figure.Time(c.PredictedMs), Figure.Time(c.MeasuredMs), Figure.Time(c.SpreadMs), verdict]);
        }
        table.Close(html);
        return html.ToMarkup();
    }
}
