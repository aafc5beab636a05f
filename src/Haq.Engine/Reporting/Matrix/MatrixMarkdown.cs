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
        var complaints = MatrixComplaint.Of(report);
        foreach (var complaint in complaints)
        {
            string code = new([.. complaint.Error.Code.Where(char.IsAsciiLetterOrDigit)]);
            text.Append($"\n- :x: {MarkdownReport.Escape(complaint.Where)}: `{code}` {MarkdownReport.Escape(complaint.Error.Message)}");
        }
        if (complaints.Count > 0) text.Append('\n');
        return text.ToString();
    }

    private static string Link(MatrixCellFacts cell) =>
        cell.Report is { } report ? $"[{MarkdownReport.Escape(cell.Manifest)}]({MatrixLink.Of(report)})" : MarkdownReport.Escape(cell.Manifest);
}
