using System.Collections.Immutable;
using Haq.Engine.Data.Sources;

namespace Haq.Engine.Data;

/// <summary>The columns of a data set that is a table.</summary>
public static class TableColumns
{
    /// <summary>A name for each column, empty where the file has no header; no columns where the data is no CSV file.</summary>
    /// <exception cref="Diagnostics.HaqException">The file cannot be read (HAQ0101, HAQ0102).</exception>
    public static ImmutableArray<string> Of(DatasetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Files is not [{ File: var file }] || (options.Format ?? FormatGuess.Find(file)) != DatasetFormat.Csv) return [];
        using var text = ByteStore.Open(file);
        using var rows = new CsvRows(file, text.AsStream());
        return rows.Names.Count > 0 ? [.. rows.Names] : [.. Enumerable.Repeat("", rows.Columns)];
    }
}
