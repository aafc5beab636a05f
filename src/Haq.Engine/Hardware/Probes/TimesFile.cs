using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;

namespace Haq.Engine.Hardware.Probes;

/// <summary>
/// Measured times: <c>probe,seconds[,spread_seconds[,joules]]</c>, a line a probe. A heading may name the columns; lines that start with # are remarks, and <c># device: …</c> says what was
/// measured.
/// </summary>
/// <param name="Times">By line.</param>
/// <param name="Device">What was measured, where the file says so.</param>
public sealed record TimesFile(ImmutableArray<ProbeTime> Times, string? Device)
{
    /// <summary>The usual name.</summary>
    public const string FileName = "times.csv";

    private const string DeviceRemark = "# device:", ModelEnd = ".onnx";
    private const double MostSeconds = 1e6;

    private static readonly string[] s_columns = ["probe", "seconds", "spread_seconds", "joules"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="HaqException">It cannot be read, or a line is not of that form (HAQ0233).</exception>
    public static TimesFile Read(string path) => Parse(path, ReadText(path));

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="HaqException">It cannot be read (HAQ0233).</exception>
    internal static string ReadText(string path)
    {
        try
        {
            OrdinaryFile.Require(path);
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.TimesUnreadable.Error(path, $"the measured times cannot be read: {e.Message} Give the path of a file with a line 'probe,seconds' for every probe.", e);
        }
    }

    /// <summary>Reads times from their text; <paramref name="file"/> is what errors name.</summary>
    /// <exception cref="HaqException">A line is not of that form, or gives a probe again (HAQ0233).</exception>
    public static TimesFile Parse(string file, string text)
    {
        var times = ImmutableArray.CreateBuilder<ProbeTime>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        string[]? columns = null;
        string? device = null;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim().TrimStart('\uFEFF');
            if (IsDeviceLine(line)) device = line[DeviceRemark.Length..].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            string[] fields = [.. line.Split(',').Select(f => f.Trim().Trim('"'))];
            if (columns is null)
            {
                bool isHeading = fields.Length > 1 && !IsNumber(fields[1]);
                columns = isHeading ? Heading(file, number, fields) : s_columns[..Math.Clamp(fields.Length, 2, s_columns.Length)];
                if (isHeading) continue;
            }
            var time = Line(file, number, columns, fields);
            if (!lines.TryAdd(time.Probe, number))
            {
                throw Wrong(file, number, 1, $"'{time.Probe}' was measured already in line {lines[time.Probe]}, and it is not known which of both counts. Leave one of them out");
            }
            times.Add(time);
        }
        return times.Count > 0 ? new TimesFile(times.ToImmutable(), device) : throw Wrong(file, Math.Max(1, number), 1, "there is no time in it");
    }

    /// <summary>A probe's name out of what a tool printed: a path, with or without the end of a model's name.</summary>
    public static string NameOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.EndsWith(ModelEnd, StringComparison.OrdinalIgnoreCase) ? name[..^ModelEnd.Length] : name;
    }

    /// <summary>The line of a time in a file with all columns.</summary>
    public static string LineOf(in ProbeTime time) => string.Create(CultureInfo.InvariantCulture, $"{time.Probe},{time.Seconds:R},{time.Spread:R},{time.Joules:R}").TrimEnd(',');

    /// <summary>The heading of a file with all columns.</summary>
    public static string HeadingLine => string.Join(',', s_columns);

    /// <summary>Why a time cannot be one, by the rules of the reader; null where it can.</summary>
    internal static string? Objection(in ProbeTime time)
    {
        ReadOnlySpan<double?> values = [time.Seconds, time.Spread, time.Joules];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value && Objection(s_columns[i + 1], value) is { } wrong)
                return string.Create(CultureInfo.InvariantCulture, $"{value:R} cannot be the {s_columns[i + 1]} of '{time.Probe}': {wrong}");
        }
        return null;
    }

    /// <summary>The line is the remark that says what was measured.</summary>
    internal static bool IsDeviceLine(string line) => line.StartsWith(DeviceRemark, StringComparison.OrdinalIgnoreCase);

    /// <summary>The remark that says what was measured.</summary>
    public static string DeviceLine(string device) => $"{DeviceRemark} {device.ReplaceLineEndings(" ")}";

    private static string[] Heading(string file, int line, string[] fields)
    {
        string[] columns = [.. fields.Select(f => f.ToLowerInvariant() switch { "spread" => "spread_seconds", "energy_joules" or "energy" => "joules", var name => name })];
        if (columns is not ["probe", "seconds", ..] || columns.FirstOrDefault(c => !s_columns.Contains(c)) is not null || columns.Distinct().Count() < columns.Length)
            throw Wrong(file, line, 1, $"expected the heading probe,seconds and perhaps spread_seconds and joules, found '{string.Join(',', fields)}'. Times are in seconds");
        return columns;
    }

    private static ProbeTime Line(string file, int number, string[] columns, string[] fields)
    {
        if (fields.Length < 2 || fields.Length > columns.Length)
            throw Wrong(file, number, 1, $"expected {string.Join(',', columns)}, found {fields.Length} {(fields.Length == 1 ? "field" : "fields")}");
        string name = NameOf(fields[0]);
        if (name.Length == 0) throw Wrong(file, number, 1, "the name of the probe is missing");
        double? At(string column)
        {
            int at = Array.IndexOf(columns, column);
            if (at < 0 || at >= fields.Length || fields[at].Length == 0) return null;
            int position = 1 + fields.Take(at).Sum(f => f.Length + 1);
            if (!double.TryParse(fields[at], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) throw Wrong(file, number, position, $"'{fields[at]}' is no number under '{column}'");
            if (Objection(column, value) is { } wrong) throw Wrong(file, number, position, $"{fields[at]} cannot be the {column} of '{name}': {wrong}");
            return value;
        }

        double seconds = At("seconds") ?? throw Wrong(file, number, fields[0].Length + 2, $"the seconds of '{name}' are missing");
        return new ProbeTime(name, seconds, At("spread_seconds"), At("joules"));
    }

    private static string? Objection(string column, double value)
    {
        if (double.IsNaN(value) || value < 0 || (column == "seconds" && value == 0)) return "expected a number above 0";
        return value > MostSeconds ? "expected seconds, not a count of cycles or nanoseconds" : null;
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || text.Length == 0;

    private static HaqException Wrong(string file, int line, int column, string what) =>
        DiagnosticCatalog.TimesUnreadable.Error(new SourceLocation(file, line, column), $"{what}. Mend the line and run again.");
}
