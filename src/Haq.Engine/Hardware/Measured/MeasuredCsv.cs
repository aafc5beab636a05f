using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Measured;

/// <summary>
/// Reads and writes measured tables: <c>layer,weight_bits,activation_bits,latency_ns[,energy_nj]</c>, lines that start with # are remarks. A row of <c>Convert N</c> is a change of width of a tensor.
/// </summary>
public static class MeasuredCsv
{
    private const double PerNano = 1e-9;
    private const string Header = "layer,weight_bits,activation_bits,latency_ns", EnergyColumn = ",energy_nj";

    /// <summary>Reads a table; <paramref name="file"/> is what errors name.</summary>
    /// <exception cref="HaqException">A line is not of that form, or gives an entry again (HAQ0202), with line and column.</exception>
    public static MeasuredEntry[] Parse(string file, string text)
    {
        var entries = new List<MeasuredEntry>();
        var seen = new HashSet<(string, LayerBits)>();
        int columns = 0, number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string content = line.TrimEnd('\r');
            if (number == 1) content = content.TrimStart('\uFEFF');
            if (content.Length == 0 || content[0] == '#') continue;
            var fields = Fields(file, number, content);
            if (columns == 0)
            {
                columns = ColumnsOf(file, number, content);
                continue;
            }
            if (fields.Count != columns)
                throw Wrong(file, number, 1, $"expected {columns} columns ({(columns == 5 ? Header + EnergyColumn : Header)}), found {fields.Count}");
            var bits = new LayerBits(Width(file, number, fields[1]), Width(file, number, fields[2]));
            double? joules = columns == 5 ? Positive(file, number, fields[4]) * PerNano : null;
            var entry = new MeasuredEntry(fields[0].Text, bits, Positive(file, number, fields[3]) * PerNano, joules);
            if (!seen.Add((entry.Layer, bits))) throw Wrong(file, number, 1, $"'{entry.Layer}' at {bits} is given again");
            entries.Add(entry);
        }
        return entries.Exists(e => MeasuredConverts.ElementsOf(e.Layer) is null) ? [.. entries] : throw Wrong(file, Math.Max(1, number), 1, "the table has no entries of layers");
    }

    /// <summary>The table's text; what <see cref="Parse"/> reads back.</summary>
    public static string Write(IEnumerable<MeasuredEntry> entries, IEnumerable<string> remarks)
    {
        var all = entries.ToArray();
        bool energy = all.Length > 0 && all.All(e => e.Joules is not null);
        var lines = remarks.Select(r => "# " + r.ReplaceLineEndings(" ")).Append(energy ? Header + EnergyColumn : Header).Concat(all.Select(e => string.Create(
            CultureInfo.InvariantCulture,
            $"{Quoted(e.Layer)},{e.Bits.Weights},{e.Bits.Activations},{e.Seconds / PerNano:0.###}{(energy ? string.Create(CultureInfo.InvariantCulture, $",{e.Joules / PerNano:0.###}") : "")}")));
        return string.Join('\n', lines) + "\n";
    }

    private static int ColumnsOf(string file, int line, string header)
    {
        string plain = header.Replace(" ", "", StringComparison.Ordinal);
        if (plain == Header) return 4;
        return plain == Header + EnergyColumn ? 5 : throw Wrong(file, line, 1, $"expected the heading {Header}, optionally with {EnergyColumn[1..]}, found '{header}'");
    }

    private static int Width(string file, int line, (string Text, int Column) field) =>
        WidthText.TryParse(field.Text, Bitwidth.Min, out var width, out string expectation)
            ? width
            : throw Wrong(file, line, field.Column, $"'{field.Text}' is not a width: {expectation}");

    private static double Positive(string file, int line, (string Text, int Column) field) =>
        double.TryParse(field.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && value < 1e18
            ? value
            : throw Wrong(file, line, field.Column, $"'{field.Text}' is not a figure: expected a number above 0");

    private static List<(string Text, int Column)> Fields(string file, int line, string content)
    {
        var fields = new List<(string, int)>();
        int at = 0;
        while (true)
        {
            int start = at;
            if (at < content.Length && content[at] == '"')
            {
                var text = new System.Text.StringBuilder();
                for (at++; ; at++)
                {
                    if (at >= content.Length) throw Wrong(file, line, start + 1, "a quotation mark is not closed");
                    if (content[at] != '"') text.Append(content[at]);
                    else if (at + 1 < content.Length && content[at + 1] == '"') text.Append(content[at++]);
                    else break;
                }
                at++;
                if (at < content.Length && content[at] != ',') throw Wrong(file, line, at + 1, "expected a comma after the quotation mark");
                fields.Add((text.ToString(), start + 1));
            }
            else
            {
                int comma = content.IndexOf(',', at);
                at = comma < 0 ? content.Length : comma;
                fields.Add((content[start..at].Trim(), start + 1));
            }
            if (at >= content.Length) return fields;
            at++;
        }
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(',', '"') || text.StartsWith('#') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static HaqException Wrong(string file, int line, int column, string what) =>
        DiagnosticCatalog.HardwareUnreadable.Error(new SourceLocation(file, line, column), $"{what}. Mend the line and run again.");
}
