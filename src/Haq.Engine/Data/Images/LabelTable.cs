using System.Buffers.Binary;
using System.Globalization;
using Haq.Engine.Files;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>Rows of file and class, found by file.</summary>
internal sealed class LabelTable
{
    private readonly NameList _rows = new(2 * sizeof(int));

    /// <exception cref="Diagnostics.HaqException">A row is not a file and its class, or names a file again (HAQ0104).</exception>
    public LabelTable(TextReader text, FileReference file)
    {
        byte[] data = new byte[2 * sizeof(int)];
        int line = 0;
        while (text.ReadLine() is { } row)
        {
            line++;
            if (string.IsNullOrWhiteSpace(row)) continue;
            int comma = row.LastIndexOfAny([',', ';', '\t']);
            string name = comma < 0 ? "" : row[..comma].Trim().Trim('"').Replace('\\', '/'), value = row[(comma + 1)..].Trim().Trim('"');
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int label);
            if (!isNumber && line == 1) continue;
            if (!isNumber || name.Length == 0) throw DataErrors.Labels(file, $"line {line} is '{row.Trim()}': expected a file and its class, as in 'cat/17.jpg,3'");
            BinaryPrimitives.WriteInt32LittleEndian(data, label);
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(sizeof(int)), line);
            _rows.Add(name, data);
        }
        _rows.Sort();
        if (Again() is var (again, twice)) throw DataErrors.Labels(file, $"line {again} names '{_rows[twice]}' again");
    }

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>The class of a file, or null.</summary>
    public int? Find(string path) => _rows.IndexOf(path) is >= 0 and var row ? Number(row, 0) : null;

    // The first line that names a file which a line before names, and its row.
    private (int Line, int Row)? Again()
    {
        (int Line, int Row)? first = null;
        for (int i = 1, from = 0; i < Count; i++)
        {
            if (!_rows.AreEqual(i - 1, i))
            {
                from = i;
                continue;
            }
            // Equal names keep no order: the second smallest of their lines is the one that repeats.
            int second = Enumerable.Range(from, i - from + 1).Select(row => Number(row, sizeof(int))).Order().ElementAt(1);
            if (first is null || second < first.Value.Line) first = (second, i);
        }
        return first;
    }

    private int Number(int row, int at)
    {
        byte[] data = new byte[2 * sizeof(int)];
        _rows.DataOf(row, data);
        return BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(at));
    }
}
