using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Reporting.Html;

namespace Haq.Engine.Reporting.Matrix;

/// <summary>The summary of a matrix as one page that needs nothing else; without scripts it can be read, with them its table sorts. Equal summaries give equal bytes.</summary>
public static class MatrixPage
{
    private const string About = "Accuracies are of samples that no choice was made on.", Times = " Times of float's were taken where the cell was built, with no other cell beside it.";

    // More than that would push the figures off the screen.
    private const int MostOpen = 10;

    /// <summary>The page's text, UTF-8 when saved.</summary>
    public static string Write(MatrixReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        string script = HtmlReport.Resource("report.js");
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        var html = new MarkupBuilder();
        html.Add($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>");
        html.Add($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>");
        html.Add($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{new Markup(hash)}'\"/>");
        html.Add($"<title>{report.Sentence}: quantization matrix</title>\n<link rel=\"icon\" href=\"data:,\"/>");
        html.Add($"<style>{new Markup(HtmlReport.Resource("report.css"))}{new Markup(HtmlReport.Resource("matrix.css"))}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the figures</a>");
        html.Add($"<header><p class=\"kicker\">Quantization matrix</p><h1>{Count(report.Manifests.Count, "manifest")} <span class=\"for\">for</span> {Count(report.Targets.Count, "target")}</h1>");
        html.Add($"<p class=\"lead\">{report.Sentence}.</p></header>\n<main id=\"main\">{Errors(report)}");
        if (report.Targets.Count > 1) html.Add($"<section aria-labelledby=\"overview\"><h2 id=\"overview\">At one look</h2>{Overview(report)}</section>");
        html.Add($"<section aria-labelledby=\"all\"><h2 id=\"all\">All figures</h2>{Figures(report)}</section>\n</main>");
        string times = report.Cells.Any(c => c.TimeVsFloat is not null) ? Times : "";
        html.Add($"<footer>Written by Haq.Build {report.Engine}. {About}{times} The same figures, unrounded, are in matrix.json.</footer>");
        html.Add($"<script>{new Markup(script)}</script>\n</body>\n</html>");
        return html.ToString();
    }

    private static string Count(int count, string what) => $"{Figure.Count(count)} {what}{(count == 1 ? "" : "s")}";

    private static Markup Errors(MatrixReport report)
    {
        var html = new MarkupBuilder();
        var complaints = MatrixComplaint.Of(report);
        if (complaints.Count == 0) return default;
        html.Add($"<aside class=\"warnings\" aria-label=\"What is wrong\"><h2>What is wrong</h2>{Listed(complaints.Take(MostOpen))}");
        if (complaints.Count > MostOpen) html.Add($"<details><summary>{Figure.Count(complaints.Count - MostOpen)} more</summary>{Listed(complaints.Skip(MostOpen))}</details>");
        html.Add($"</aside>");
        return html.ToMarkup();
    }

    private static Markup Listed(IEnumerable<MatrixComplaint> complaints)
    {
        var html = new MarkupBuilder();
        html.Add($"<ul>");
        foreach (var complaint in complaints) html.Add($"<li><bdi>{complaint.Where}</bdi>: <code>{complaint.Error.Code}</code> {complaint.Error.Message}</li>");
        html.Add($"</ul>");
        return html.ToMarkup();
    }

    private static Markup Overview(MatrixReport report)
    {
        var html = new MarkupBuilder();
        var cells = report.Cells.ToLookup(c => (c.Manifest, c.Target));
        var table = new Table("Accuracy of the quantized model, and points against float; every figure leads to its report");
        table.Text("Manifest");
        foreach (string target in report.Targets) table.Number(target);
        table.Open(html);
        foreach (string manifest in report.Manifests)
            table.Row(html, [new Table.Cell(manifest), .. report.Targets.Select(target => new Table.Cell("", Content: Look(cells[(manifest, target)].FirstOrDefault())))], "", null);
        table.Close(html);
        return html.ToMarkup();
    }

    private static Markup Look(MatrixCellFacts? cell)
    {
        if (cell is null) return Markup.Of($"{Figure.Unknown}");
        if (!cell.IsBuilt) return Markup.Of($"<span class=\"state {new Markup(cell.State)}\">{MatrixStates.Words(cell.State)}</span>");
        var figure = Linked(cell, cell.Delivered is null ? Figure.Bytes(cell.FileBytes) : MatrixColumn.AccuracyText(cell, cell.Delivered));
        string points = cell.AccuracyVsFloat is null ? "" : Figure.Points(cell.AccuracyVsFloat);
        var gate = cell.State == MatrixStates.GateBroken ? Markup.Of($" <span class=\"state gate-broken\">{MatrixStates.Words(cell.State)}</span>") : default;
        return Markup.Of($"{figure}<small>{points}{gate}</small>");
    }

    private static Markup Figures(MatrixReport report)
    {
        var html = new MarkupBuilder();
        var columns = MatrixColumn.Of(report);
        var table = new Table("One row for each manifest and target", sortable: true);
        table.Text("Manifest");
        table.Text("Target");
        foreach (var column in columns)
        {
            if (column.Order is null) table.Text(column.Title, column.Hint);
            else table.Number(column.Title, column.Hint);
        }
        table.Open(html);
        foreach (var cell in report.Cells)
            table.Row(html, [new Table.Cell("", Content: Linked(cell, cell.Manifest), Style: "name"), new Table.Cell(cell.Target, Style: "target"), .. columns.Select(column => Of(column, cell))], "", null);
        table.Close(html);
        return html.ToMarkup();
    }

    private static Table.Cell Of(MatrixColumn column, MatrixCellFacts cell)
    {
        string text = column.Text(cell);
        if (column.Order is null) return new Table.Cell(text, Content: column.Title == "State" ? Markup.Of($"<span class=\"state {new Markup(cell.State)}\">{text}</span>") : null);
        // What is unknown comes first, below all that is known.
        return new Table.Cell(text, column.Order(cell) is { } value && double.IsFinite(value) ? value : double.MinValue);
    }

    private static Markup Linked(MatrixCellFacts cell, string text) => cell.Report is { } report ? Markup.Of($"<a href=\"{MatrixLink.Of(report)}\">{text}</a>") : Markup.Of($"{text}");
}
