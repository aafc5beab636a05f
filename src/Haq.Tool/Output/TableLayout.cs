using Spectre.Console;
using Spectre.Console.Rendering;

namespace Haq.Tool.Output;

/// <summary>
/// Room for every column of a table: figures stay whole, words too, and what is left goes to those that need more lines. Where not even that fits,
/// every row is a paragraph: a column of single letters tells
/// nobody anything.
/// </summary>
internal sealed class TableLayout
{
    // Between cells, and at both ends together, as the simple border draws it.
    private const int Between = 3, Ends = 1, Indent = 2;

    private readonly Table _table;
    private readonly IAnsiConsole _console;
    private readonly RenderOptions _options;

    public TableLayout(Table table, IAnsiConsole console)
    {
        (_console, _options) = (console, RenderOptions.Create(console, console.Profile.Capabilities));
        _table = Widths(table) is null ? WithoutEmptyColumns(table) : table;
    }

    /// <summary>Writes the table.</summary>
    public void Print()
    {
        if (Widths(_table) is not { } widths)
        {
            PrintParagraphs();
            return;
        }
        for (int i = 0; i < widths.Length; i++) _table.Columns[i].Width = widths[i];
        _console.Write(_table);
    }

    /// <summary>The width of every column; null where words would be broken.</summary>
    private int[]? Widths(Table table)
    {
        int count = table.Columns.Count, room = _console.Profile.Width - Ends - Between * count;
        int[] least = new int[count], most = new int[count];
        for (int i = 0; i < count; i++)
        {
            foreach (var cell in table.Rows.Select(row => row[i]).Prepend(table.Columns[i].Header))
            {
                var size = cell.Measure(_options, int.MaxValue);
                most[i] = Math.Max(most[i], size.Max);
                least[i] = Math.Max(least[i], table.Columns[i].Alignment == Justify.Right ? size.Max : size.Min);
            }
        }
        room -= least.Sum();
        if (room < 0) return null;
        while (room > 0 && Enumerable.Range(0, count).Where(i => least[i] < most[i]).ToArray() is { Length: > 0 } needy)
        {
            foreach (int i in needy.Take(room))
            {
                least[i]++;
                room--;
            }
        }
        return least;
    }

    private Table WithoutEmptyColumns(Table table)
    {
        int[] kept = [.. Enumerable.Range(0, table.Columns.Count).Where(i => table.Rows.Any(row => TextOf(row[i]).Length > 0))];
        var narrow = new Table().Border(table.Border);
        foreach (int i in kept) narrow.AddColumn(table.Columns[i]);
        foreach (var row in table.Rows) narrow.AddRow(kept.Select(i => row[i]));
        return narrow;
    }

    private void PrintParagraphs()
    {
        string[] headings = [.. _table.Columns.Select(c => TextOf(c.Header))];
        _console.WriteLine();
        foreach (var row in _table.Rows)
        {
            string[] cells = [.. Enumerable.Range(0, headings.Length).Select(i => TextOf(row[i]))];
            int name = Array.FindIndex(cells, c => c.Length > 0 && !c.All(char.IsDigit));
            if (name < 0) name = 0;
            _console.Write(new Text(string.Join("  ", cells[..(name + 1)]).Trim() + "\n"));
            var facts = Enumerable.Range(name + 1, headings.Length - name - 1).Where(i => cells[i].Length > 0).Select(i => $"{headings[i]} {cells[i]}");
            _console.Write(new Padder(new Text(string.Join(", ", facts)), new Padding(Indent, 0, 0, 0)));
        }
        _console.WriteLine();
    }

    private string TextOf(IRenderable cell) => string.Concat(cell.Render(_options, int.MaxValue).Select(segment => segment.Text)).Trim();
}
