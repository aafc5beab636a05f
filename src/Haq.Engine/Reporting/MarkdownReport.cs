using System.Text;
using Haq.Engine.Hardware;
using Haq.Engine.Reporting.Checks;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>Summaries for pull requests and job pages, in GitHub's Markdown.</summary>
public static class MarkdownReport
{
    /// <summary>What one build gained: headline, figures beside 8 bit, and the bits of every layer folded away.</summary>
    public static string Summary(ReportModel report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append($"## {Escape(report.Model.File)} for {Escape(report.Hardware.Name)}\n\n{Headline.Of(report)}\n\n");
        Figures(text, report);
        if (ActivationShares.Sentence(report) is { } shares) text.Append($"\n{char.ToUpperInvariant(shares[0])}{shares[1..]}.\n");
        if (report.Note is { } note) text.Append($"\n> {Escape(note)}\n");
        Layers(text, report);
        if (report.Warnings.Length > 0)
        {
            text.Append('\n');
            foreach (var warning in report.Warnings) text.Append($"- :warning: `{Code(warning.Code)}` {Escape(warning.Message)}\n");
        }
        return text.ToString();
    }

    /// <summary>The outcomes of <c>haq check</c>, failures first.</summary>
    public static string Checks(IReadOnlyList<CheckRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var text = new StringBuilder();
        int broken = runs.Sum(r => r.Outcomes.Count(o => o.Status != CheckStatus.Passed)), all = runs.Sum(r => r.Outcomes.Length);
        text.Append(broken == 0 ? $"## :white_check_mark: All {all} limits kept\n" : $"## :x: {broken} of {all} limits broken\n");
        foreach (var run in runs)
        {
            text.Append($"\n### {Escape(run.Subject)}\n\n{(run.Report is null ? "Not built." : Headline.Of(run.Report))}\n\n| | Check | Figure | Limit | Margin |\n|---|---|--:|--:|--:|\n");
            foreach (var o in run.Outcomes.OrderBy(o => o.Status == CheckStatus.Passed))
                text.Append($"| {Sign(o.Status)} | {o.Name} | {Amount(o.Actual, o.Unit)} | {Amount(o.Limit, o.Unit)} | {Amount(o.Margin, o.Unit)} |\n");
            foreach (var o in run.Outcomes.Where(o => o.Status != CheckStatus.Passed)) text.Append($"\n**{o.Rule.Code}** {Escape(o.Message)}\n");
        }
        return text.ToString();
    }

    private static void Figures(StringBuilder text, ReportModel report)
    {
        text.Append("| | This build | Uniform 8 bit | Float |\n|---|--:|--:|--:|\n");
        var (cost, eight) = (report.Cost, report.CostAt8Bit);
        text.Append($"| Latency | {Figure.Time(cost.LatencyMs)}{LatencyError.Behind(report)} | {Figure.Time(eight.LatencyMs)} | |\n");
        if (report.Device is { } device) text.Append($"| Latency, measured on the device | {Figure.Time(device.MeasuredMs)} | | |\n");
        if (report.Hardware.Batch > 1) text.Append($"| Latency per image | {Figure.Time(cost.LatencyMsPerImage)} | {Figure.Time(eight.LatencyMsPerImage)} | |\n");
        if (cost.EnergyMj is not null) text.Append($"| Energy | {Figure.Energy(cost.EnergyMj)} | {Figure.Energy(eight.EnergyMj)} | |\n");
        text.Append($"| File | {Figure.Bytes(report.FileBytes)} | | {Figure.Bytes(report.FloatFileBytes)} |\n");
        text.Append($"| Parameters on {Escape(report.Hardware.Name)} | {Figure.Bytes(cost.SizeBytes)} | {Figure.Bytes(eight.SizeBytes)} | {Figure.Bytes(report.Model.FloatBytes)} |\n");
        var at8 = report.Baselines.FirstOrDefault(b => b is { Bits: 8, Activations: null })?.Quantized;
        Accuracy(text, "Top-1", report, at8, a => a?.Top1);
        Accuracy(text, "Top-5", report, at8, a => a?.Top5);
        Accuracy(text, "Agreement with float", report, at8, a => a?.Agreement);
        if (report.Delivered is not { Cosine: not null } own || (own.Agreement is not null && report.Metric is not ("cosine" or "sqnr"))) return;
        text.Append($"| Cosine to float | {Figure.Cosine(own.Cosine)} | {Figure.Cosine(at8?.Cosine)} | |\n| Signal to noise | {Figure.Decibels(own.SqnrDb)} | {Figure.Decibels(at8?.SqnrDb)} | |\n");
    }

    private static void Accuracy(StringBuilder text, string name, ReportModel report, AccuracyFacts? at8, Func<AccuracyFacts?, double?> figure)
    {
        if (figure(report.Delivered) is { } own) text.Append($"| {name} | {Figure.Percent(own)} | {Figure.Percent(figure(at8))} | {Figure.Percent(figure(report.Float))} |\n");
    }

    private static void Layers(StringBuilder text, ReportModel report)
    {
        text.Append($"\n<details><summary>Bits of {report.Layers.Length} {(report.Layers.Length == 1 ? "layer" : "layers")}</summary>\n\n| Layer | Weights | Activations | Latency | At 8 bit | Bound by |\n|---|--:|--:|--:|--:|---|\n");
        foreach (var l in report.Layers)
            text.Append($"| {Escape(l.Name)}{(l.Pinned is null ? "" : " (pinned)")} | {(l.IsTensor ? Figure.Unknown : Figure.Width(l.Chosen.Weights))} | {Figure.Width(l.Chosen.Activations)} | {Figure.Time(l.Chosen.LatencyMs)} | {Figure.Time(l.At8Bit.LatencyMs)} | {l.Chosen.Bound.Label()} |\n");
        text.Append("\n</details>\n");
    }

    /// <summary>Text that Markdown and the HTML inside it take as text, on one line.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (char c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029') escaped.Append(' ');
            else if (c is '<') escaped.Append("&lt;");
            else if (c is '&') escaped.Append("&amp;");
            else if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '#' or '~' or '!' or '@') escaped.Append('\\').Append(c);
            else escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static string Code(string text) => new([.. text.Where(char.IsAsciiLetterOrDigit)]);

    private static string Sign(CheckStatus status) => status switch { CheckStatus.Passed => ":white_check_mark:", CheckStatus.Failed => ":x:", _ => ":grey_question:" };

    private static string Amount(double? value, string unit) => unit switch
    {
        _ when value is null => Figure.Unknown,
        "ms" => Signed(value.Value, Figure.Time),
        "mJ" => Signed(value.Value, Figure.Energy),
        "bytes" => Signed(value.Value, Figure.Bytes),
        _ => $"{Figure.Short(value)} {unit}",
    };

    // The unit is chosen by size, so the sign stands apart.
    private static string Signed(double value, Func<double?, string> format) => value < 0 ? "\u2212" + format(-value) : format(value);
}
