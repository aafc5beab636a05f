namespace Haq.Engine.Reporting.Html;

/// <summary>What was measured in ONNX Runtime where the build ran, beside the simulated figures.</summary>
internal static class MeasuredSection
{
    public static Markup Write(ReportModel report)
    {
        var html = new MarkupBuilder();
        html.Add($"<dl class=\"facts\">");
        if (report.Timings?.RunTime is { } run)
        {
            html.Add($"<div><dt>Float model</dt><dd>{Figure.Time(run.FloatMsPerImage)}{Spread(run.FloatSpreadMs)} per image</dd></div>");
            html.Add($"<div><dt>Quantized model</dt><dd>{Figure.Time(run.QuantizedMsPerImage)}{Spread(run.QuantizedSpreadMs)} per image</dd></div>");
            html.Add($"<div><dt>How</dt><dd>ONNX Runtime, {run.Threads} {(run.Threads == 1 ? "thread" : "threads")}, batch {run.Batch}, median of {run.Runs} runs</dd></div>");
        }
        if (report.OutputDifference is { } difference)
            html.Add($"<div><dt>Difference of the outputs</dt><dd>mean {Figure.Short(difference.MeanAbsolute)}, largest {Figure.Short(difference.MaxAbsolute)}{(difference.SqnrDb is { } sqnr ? $", SQNR {Figure.Short(sqnr)} dB" : "")} over {Figure.Count(difference.Samples)} images</dd></div>");
        html.Add($"</dl>");
        if (report.Timings?.RunTime is not null)
            html.Add($"<p class=\"note\">A run on a general processor says little of the target: ONNX Runtime computes every width of up to 8 bits in 8-bit or float arithmetic.</p>");
        if (report.Timings is { Stages.Length: > 0 } timings)
        {
            var table = new Table("How long the build took");
            table.Text("Stage");
            table.Number("Seconds");
            table.Text("From the cache");
            table.Open(html);
            foreach (var stage in timings.Stages) table.Row(html, [stage.Stage, Figure.Short(stage.Seconds), stage.Cached ? "yes" : "no"]);
            table.Close(html);
        }
        return html.ToMarkup();
    }

    private static string Spread(double? ms) => ms is { } value ? $" ± {Figure.Time(value)}" : "";
}
