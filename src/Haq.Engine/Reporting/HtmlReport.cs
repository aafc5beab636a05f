using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Reporting.Html;

namespace Haq.Engine.Reporting;

/// <summary>
/// The report as one page that needs nothing else: no requests, no frameworks, styles and drawings inside. It can be read without scripts; a small
/// one adds sorting and the link between pictures and table. Equal reports give equal bytes.
/// </summary>
public static class HtmlReport
{
    /// <summary>The page's text, UTF-8 when saved.</summary>
    public static string Write(ReportModel report)
    {
        ArgumentNullException.ThrowIfNull(report);
        string script = Resource("report.js");
        // The page may run this one script and ask for nothing: a name that smuggles markup in would still be inert.
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        var html = new MarkupBuilder();
        html.Add($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>");
        html.Add($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>");
        html.Add($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{new Markup(hash)}'\"/>");
        html.Add($"<title>{report.Model.File} for {report.Hardware.Name}: quantization report</title>\n<link rel=\"icon\" href=\"data:,\"/>");
        html.Add($"<style>{new Markup(Resource("report.css"))}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the figures</a>");
        html.Add($"{BoundStyle.Patterns}");
        html.Add($"{HeaderSection.Write(report)}\n<main id=\"main\">");
        foreach (var (id, title, body) in Sections(report))
            html.Add($"<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{body}</section>");
        html.Add($"</main>\n<footer>Written by Haq.Build {report.Engine}. The same figures, unrounded, are in the JSON report beside this page.</footer>");
        html.Add($"<script>{new Markup(script)}</script>\n</body>\n</html>");
        return html.ToString();
    }

    private static IEnumerable<(string Id, string Title, Markup Body)> Sections(ReportModel report)
    {
        yield return ("bits", "Bits of every layer", BitsSection.Write(report));
        if (GraphChart.CanDraw(report)) yield return ("graph", "Widths on the graph", GraphChart.Write(report));
        if (report.Measured is { } measured) yield return ("race", "Against float on this processor", FileRaceSection.Write(measured));
        if (report.Device is { } device) yield return ("device", "Measured on the device", DeviceSection.Write(device, report.Hardware));
        yield return ("gain", "Beside uniform bits", GainSection.Write(report));
        if (RooflineChart.CanDraw(report)) yield return ("roofline", "What holds the layers up", RooflineSection.Write(report));
        if (SensitivityChart.CanDraw(report)) yield return ("sensitivity", "What each layer can bear", SensitivitySection.Write(report));
        if (DamageChart.CanDraw(report)) yield return ("damage", "Which layers do the damage", DamageSection.Write(report));
        if (report.Search is not null) yield return ("search", "The search", SearchSection.Write(report.Search));
        if (report.Steps.Length > 0 || report.Finetune is not null) yield return ("recovery", "Quantization, step by step", RecoverySection.Write(report));
        if (report.OutputDifference is not null || report.Timings is not null) yield return ("here", "Measured on the machine that built it", MeasuredSection.Write(report));
        yield return ("layers", "All layers", LayerTable.Write(report));
        if (report.Unquantized.Length > 0) yield return ("float", "Left in float", FactsSection.Unquantized(report));
        yield return ("assumptions", "Hardware and assumptions", FactsSection.Hardware(report));
        yield return ("files", "Files and digests", FactsSection.Files(report));
    }

    internal static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream($"report/{name}")
            ?? throw new InvalidOperationException($"the assembly lacks its resource report/{name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
