using System.Text;

namespace Haq.Engine.Reporting.Matrix;

/// <summary>The summary of a matrix for pull requests and job pages, in GitHub's Markdown.</summary>
public static class MatrixMarkdown
{
    /// <summary>The text, with a final newline.</summary>
    public static string Write(MatrixReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var columns = MatrixColumn.Of(report);
        var text = new StringBuilder();
        text.Append($"## {report.Sentence}\n\n| Manifest | Target |");
        foreach (var column in columns) text.Append($" {column.Title} |");
        text.Append("\n|---|---|");
        foreach (var column in columns) text.Append(column.Order is null ? "---|" : "--:|");
        text.Append('\n');
        foreach (var cell in report.Cells)
        {
            text.Append($"| {Link(cell)} | {MarkdownReport.Escape(cell.Target)} |");
            foreach (var column in columns) text.Append($" {MarkdownReport.Escape(column.Text(cell))} |");
            text.Append('\n');
        }
        foreach (var (cell, error) in report.Cells.SelectMany(cell => cell.Errors, (cell, error) => (cell, error)))
        {
            string code = new([.. error.Code.Where(char.IsAsciiLetterOrDigit)]);
            text.Append($"\n- :x: {MarkdownReport.Escape(cell.Manifest)} {MarkdownReport.Escape(cell.Target)}: `{code}` {MarkdownReport.Escape(error.Message)}");
        }
        if (report.Cells.Any(c => c.Errors.Length > 0)) text.Append('\n');
        return text.ToString();
    }

    private static string Link(MatrixCellFacts cell) =>
        cell.Report is { } report ? $"[{MarkdownReport.Escape(cell.Manifest)}]({MatrixLink.Of(report)})" : MarkdownReport.Escape(cell.Manifest);
}
