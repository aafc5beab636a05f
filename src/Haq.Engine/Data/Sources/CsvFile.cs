using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>Rows of numbers, one per sample; one column may be the label. A first row that is not all numbers holds names.</summary>
internal static class CsvFile
{
    private const int BlockRows = 1024;

    private static readonly ImmutableArray<string> s_labelNames = ["label", "labels", "class", "target", "y"];

    /// <summary>All columns but the label's as samples, and the labels where there is such a column.</summary>
    /// <param name="file">Plain or gzip.</param>
    /// <param name="labelColumn">Its name or number from 1; null looks for a usual name if <paramref name="mayHaveLabels"/>.</param>
    /// <param name="mayHaveLabels">Labels are not in a file of their own.</param>
    /// <param name="shape">The shape of a sample, or null for a flat row.</param>
    public static (SampleArray Rows, int[]? Labels) Read(FileReference file, string? labelColumn, bool mayHaveLabels, ImmutableArray<int>? shape)
    {
        using var text = ByteStore.Open(file);
        using var rows = new CsvRows(file, text.AsStream());
        int label = LabelIndex(file, rows, labelColumn, mayHaveLabels);
        int columns = rows.Columns - (label >= 0 ? 1 : 0);
        ImmutableArray<int> sample = shape ?? [columns];
        if (columns == 0) throw DataErrors.Empty(file, "columns besides the label");
        if (sample.Aggregate(1L, (product, extent) => product * extent) != columns)
            throw DataErrors.WrongFormat(file, $"it has {columns} columns of values, but the declared shape {DataErrors.Text(sample)} has {sample.Aggregate(1L, (p, e) => p * e)} elements");
        var labels = new List<int>();
        double[] block = new double[BlockRows * columns], row = new double[rows.Columns];
        int count = 0;
        using var numbers = new PulledStream(() =>
        {
            int n = 0;
            for (; n < BlockRows && rows.Next(row); n++, count++)
            {
                var target = block.AsSpan(n * columns, columns);
                if (label >= 0) labels.Add(Label(file, rows.Line, row[label]));
                for (int c = 0, t = 0; c < row.Length; c++) if (c != label) target[t++] = row[c];
            }
            return MemoryMarshal.AsBytes(block.AsSpan(0, n * columns)).ToArray();
        });
        var store = ByteStore.Keep(numbers);
        if (count == 0) throw DataErrors.Empty(file, "rows");
        return (new SampleArray("", ElementKind.Float64, sample, count, store, 0, columns * sizeof(double), !BitConverter.IsLittleEndian), label >= 0 ? [.. labels] : null);
    }

    /// <summary>Labels alone: the given column, or the only one, or the one with a usual name.</summary>
    public static int[] Labels(FileReference file, string? column)
    {
        using var text = ByteStore.Open(file);
        using var rows = new CsvRows(file, text.AsStream());
        int label = rows.Columns == 1 && column is null ? 0 : LabelIndex(file, rows, column, mayHaveLabels: true);
        if (label < 0) throw DataErrors.Labels(file, $"it has {rows.Columns} columns: say which holds the labels, as in 'labels: {{path: {file.Text}, column: 1}}'");
        var labels = new List<int>();
        double[] row = new double[rows.Columns];
        while (rows.Next(row)) labels.Add(Label(file, rows.Line, row[label]));
        return [.. labels];
    }

    private static int LabelIndex(FileReference file, CsvRows rows, string? wanted, bool mayHaveLabels)
    {
        if (wanted is null) return mayHaveLabels ? rows.Names.FindIndex(n => s_labelNames.Contains(n, StringComparer.OrdinalIgnoreCase)) : -1;
        int index = rows.Names.FindIndex(n => n == wanted);
        if (index < 0 && int.TryParse(wanted, out int number) && number >= 1 && number <= rows.Columns) index = number - 1;
        return index >= 0 ? index : throw DataErrors.Labels(file,
            $"there is no column '{wanted}' for the labels; there are {(rows.Names.Count > 0 ? string.Join(", ", rows.Names.Take(20)) : $"columns 1 to {rows.Columns}")}");
    }

    private static int Label(FileReference file, long line, double value) => value >= 0 && value <= int.MaxValue && value == Math.Truncate(value)
        ? (int)value
        : throw DataErrors.Labels(file, FormattableString.Invariant($"line {line} has the label {value}; labels are classes, counted from 0"));
}
