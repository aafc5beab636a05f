using System.Globalization;
using Spectre.Console;

namespace Haq.Tool.Output;

/// <summary>Tables on standard output.</summary>
internal static class Tables
{
    private const int WidthOfFilesAndPipes = 240;

    /// <summary>The only culture that output knows.</summary>
    public static CultureInfo Culture => CultureInfo.InvariantCulture;

    /// <summary>An empty table with these headings.</summary>
    public static Table New(params ReadOnlySpan<string> headings)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string heading in headings) table.AddColumn(new TableColumn(Markup.Escape(heading)).NoWrap());
        return table;
    }

    /// <summary>Adds a row of plain text: brackets in it are no markup.</summary>
    public static void AddText(this Table table, params ReadOnlySpan<string> cells)
    {
        var row = new Text[cells.Length];
        for (int i = 0; i < row.Length; i++) row[i] = new Text(cells[i]);
        table.AddRow(row);
    }

    /// <summary>Right-aligns every column from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static Table AlignRight(this Table table, int first, int last)
    {
        for (int i = first; i <= last; i++) table.Columns[i].RightAligned();
        return table;
    }

    /// <summary>Writes the table; a pipe or file has room for every column, a narrow terminal gets a paragraph for every row.</summary>
    public static void Print(this Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected) console.Profile.Width = WidthOfFilesAndPipes;
        new TableLayout(table, console).Print();
    }
}
