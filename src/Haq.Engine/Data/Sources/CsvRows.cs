using System.Globalization;
using System.Text;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>Reads rows of numbers. The separator (comma, semicolon or tab) is the one that the first line has most of.</summary>
internal sealed class CsvRows : IDisposable
{
    private readonly FileReference _file;
    private readonly StreamReader _reader;
    private readonly char _separator;
    private string? _first;

    public CsvRows(FileReference file, Stream text)
    {
        _file = file;
        _reader = new StreamReader(text, Encoding.UTF8);
        string first = ReadLine() ?? throw DataErrors.Empty(file, "rows");
        _separator = new[] { ',', ';', '\t' }.MaxBy(c => first.Count(s => s == c));
        string[] fields = first.Split(_separator);
        Columns = fields.Length;
        bool isHeader = fields.Any(f => !TryNumber(f, out _));
        if (isHeader) Names.AddRange(fields.Select(f => Unquote(f).ToString()));
        else _first = first;
    }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>The columns' names; empty where the file has none.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Reads the next row; false at the end.</summary>
    public bool Next(Span<double> row)
    {
        string? line = _first ?? ReadLine();
        _first = null;
        if (line is null) return false;
        int column = 0;
        foreach (var range in line.AsSpan().Split(_separator))
        {
            var field = line.AsSpan(range);
            if (column == Columns) throw DataErrors.WrongFormat(_file, $"line {Line} has more than {Columns} columns");
            if (!TryNumber(field, out row[column])) throw DataErrors.WrongFormat(_file, $"line {Line}, column {column + 1} is '{field}': expected a number");
            column++;
        }
        return column == Columns ? true : throw DataErrors.WrongFormat(_file, $"line {Line} has {column} columns, the first row {Columns}");
    }

    public void Dispose() => _reader.Dispose();

    // Blank lines do not count as rows.
    private string? ReadLine()
    {
        while (_reader.ReadLine() is { } line)
        {
            Line++;
            if (!string.IsNullOrWhiteSpace(line)) return line;
        }
        return null;
    }

    private static bool TryNumber(ReadOnlySpan<char> field, out double value) => double.TryParse(Unquote(field), NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> field) => field.Trim().Trim('"');
}
