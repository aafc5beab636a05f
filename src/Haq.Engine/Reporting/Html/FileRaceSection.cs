using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>Whole files against the float model on the machine that built: where the target is measured, that is what was chosen by.</summary>
internal static class FileRaceSection
{
    public static Markup Write(MeasuredFacts measured)
    {
        var html = new MarkupBuilder();
        html.Add($"<p>{measured.Processor} ({measured.InstructionSets}), {measured.Threads} {(measured.Threads == 1 ? "thread" : "threads")}, batch {measured.Batch}, ONNX Runtime {measured.Runtime}. ");
        html.Add($"{measured.Integers} of {measured.Operators} operators that have an integer form run in integers. The ratio to float is between {Figure.Short(measured.RatioLow)} and {Figure.Short(measured.RatioHigh)} at 95 % confidence.</p>");
        html.Add($"<table><thead><tr><th scope=\"col\">File</th><th scope=\"col\">Time</th><th scope=\"col\">Against float</th></tr></thead><tbody>");
        Row(html, "float, as it was read", measured.FloatMs, 1);
        Row(html, "everything in 8 bits", measured.UniformInt8Ms, measured.UniformInt8Ms / measured.FloatMs);
        Row(html, "this file", measured.QuantizedMs, measured.Ratio);
        html.Add($"</tbody></table>");
        if (measured.Files.Length == 0) return html.ToMarkup();
        html.Add($"<p>Files that were measured on the way. What operators and borders cost was read off the files before each; for the file that was chosen they add up to {Figure.Time(measured.PredictedMs)}.</p>");
        html.Add($"<table><thead><tr><th scope=\"col\">Operators in integers</th><th scope=\"col\">Predicted</th><th scope=\"col\">Measured</th><th scope=\"col\">Against float</th><th scope=\"col\">Outputs</th></tr></thead><tbody>");
        foreach (var file in measured.Files)
        {
            string outputs = file.Excess is not { } excess ? "not compared" : excess <= 1 ? "within the limit" : "too far from float";
            html.Add($"<tr><td>{file.Integers}</td><td>{(file.PredictedMs is { } ms ? Figure.Time(ms) : "")}</td><td>{Figure.Time(file.MeasuredMs)}</td><td>{Figure.Short(file.Ratio)}</td><td>{outputs}</td></tr>");
        }
        html.Add($"</tbody></table>");
        return html.ToMarkup();
    }

    private static void Row(MarkupBuilder html, string name, double milliseconds, double ratio) =>
        html.Add($"<tr><th scope=\"row\">{name}</th><td>{Figure.Time(milliseconds)}</td><td>{Figure.Short(ratio)}</td></tr>");
}
