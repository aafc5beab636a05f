using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>Whole files against the float model on the machine that built: where the target is measured, that is what was chosen by.</summary>
internal static class FileRaceSection
{
    public static Markup Write(MeasuredFacts measured)
    {
        var html = new MarkupBuilder();
        html.Add($"<p>{measured.Processor} ({measured.InstructionSets}), {measured.Threads} {(measured.Threads == 1 ? "thread" : "threads")}, batch {measured.Batch}, ONNX Runtime {measured.Runtime}. ");
        html.Add($"{measured.Integers} of {measured.Operators} operators that have an integer form run in integers. The ratio to float is between {Figure.Short(measured.RatioLow)} and {Figure.Short(measured.RatioHigh)} at 95 % confidence. ");
        html.Add($"Times of single layers elsewhere on this page are of each alone, and decided nothing: in its network a layer takes another time, and what stands between layers counts.</p>");
        var race = new Table("Whole files, one run each in turn");
        race.Text("File");
        race.Number("Time");
        race.Number("Against float");
        race.Open(html);
        race.Row(html, ["float, as it was read", Figure.Time(measured.FloatMs), "1"]);
        race.Row(html, ["everything in 8 bits", Figure.Time(measured.UniformInt8Ms), Figure.Short(measured.UniformInt8Ms / measured.FloatMs)]);
        race.Row(html, ["this file", Figure.Time(measured.QuantizedMs), Figure.Short(measured.Ratio)]);
        race.Close(html);
        if (measured.Files.Length == 0) return html.ToMarkup();
        html.Add($"<p>What operators and borders cost was read off the files before each. For the file that was chosen they add up to {Figure.Time(measured.PredictedMs)}.</p>");
        var files = new Table("Files that were measured on the way");
        files.Text("Operators in integers");
        files.Number("Predicted");
        files.Number("Measured");
        files.Number("Against float");
        files.Text("Outputs");
        files.Open(html);
        foreach (var file in measured.Files)
        {
            string outputs = file.Excess is not { } excess ? "not compared" : excess <= 1 ? "within the limit" : "too far from float";
            files.Row(html, [Figure.Count(file.Integers), file.PredictedMs is { } ms ? Figure.Time(ms) : "", Figure.Time(file.MeasuredMs), Figure.Short(file.Ratio), outputs]);
        }
        files.Close(html);
        return html.ToMarkup();
    }
}
