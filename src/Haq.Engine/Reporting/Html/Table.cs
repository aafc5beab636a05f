namespace Haq.Engine.Reporting.Html;

/// <summary>A table with named columns, numbers to the right, the first cell of a row as its header, and a caption that says what it shows.</summary>
internal sealed class Table(string caption, bool sortable = false)
{
    private readonly List<(string Title, bool IsNumber, string? Hint)> _columns = [];

    public void Text(string title, string? hint = null) => _columns.Add((title, false, hint));

    public void Number(string title, string? hint = null) => _columns.Add((title, true, hint));

    public void Open(MarkupBuilder html)
    {
        html.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table{new Markup(sortable ? " data-sortable=\"\"" : "")}><caption>{caption}</caption><thead><tr>");
        foreach (var (title, isNumber, hint) in _columns)
            html.Add($"<th scope=\"col\"{new Markup(isNumber ? " class=\"n\"" : "")}{(hint is null ? default : Markup.Of($" title=\"{hint}\""))}>{title}</th>");
        html.Add($"</tr></thead><tbody>");
    }

    /// <summary>A row of texts.</summary>
    public void Row(MarkupBuilder html, IReadOnlyList<string> cells, string style = "") => Row(html, [.. cells.Select(c => new Cell(c))], style, null);

    /// <summary>A row of cells, which may carry a value to sort by and markup of their own.</summary>
    public void Row(MarkupBuilder html, IReadOnlyList<Cell> cells, string style, string? id)
    {
        html.Add($"<tr{(style.Length == 0 ? default : Markup.Of($" class=\"{style}\""))}{(id is null ? default : Markup.Of($" id=\"{id}\""))}>");
        for (int i = 0; i < cells.Count; i++)
        {
            var cell = cells[i];
            var kind = new Markup(_columns[i].IsNumber ? " class=\"n\"" : cell.Style is { } own ? $" class=\"{own}\"" : "");
            var order = cell.Order is { } value ? Markup.Of($" data-v=\"{value}\"") : default;
            var content = cell.Content ?? Markup.Of($"{cell.Text}");
            if (i == 0) html.Add($"<th scope=\"row\"{kind}{order}>{content}</th>");
            else html.Add($"<td{kind}{order}>{content}</td>");
        }
        html.Add($"</tr>");
    }

    public void Close(MarkupBuilder html) => html.Add($"</tbody></table></div>");

    /// <summary>One cell.</summary>
    /// <param name="Text">What it says.</param>
    /// <param name="Order">What it sorts by, where that is not its text.</param>
    /// <param name="Content">Markup in place of the text.</param>
    /// <param name="Style">A class from the style sheet.</param>
    public readonly record struct Cell(string Text, double? Order = null, Markup? Content = null, string? Style = null);
}
