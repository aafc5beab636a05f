using System.Text;

namespace Haq.Benchmarks.Reproduction;

/// <summary>A table in Markdown.</summary>
internal sealed class MarkdownTable
{
    private readonly StringBuilder _text = new();

    public MarkdownTable(params IReadOnlyList<string> columns)
    {
        Row(columns);
        Row([.. columns.Select(_ => "---")]);
    }

    /// <summary>It has a row besides its head.</summary>
    public bool HasRows { get; private set; }

    public void Add(params IReadOnlyList<string> cells)
    {
        Row(cells);
        HasRows = true;
    }

    public override string ToString() => _text.ToString();

    private void Row(IReadOnlyList<string> cells) => _text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
