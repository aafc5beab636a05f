using System.Globalization;
using Haq.Engine.Tests.Hardware;

namespace Haq.Benchmarks.Costs;

/// <summary>The tables of figures that costs are held against: some beside these sources, some in the folder 'shared' beside the checkout.</summary>
internal sealed class FigureFiles
{
    private readonly string? _shared;
    private readonly List<string> _missing = [];

    /// <param name="shared">The folder with the larger tables; null where there is none.</param>
    public FigureFiles(string? shared) => _shared = shared;

    /// <summary>Tables that were asked for and are not there.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>A table beside these sources.</summary>
    public static List<Dictionary<string, string>> Own(string name) => CsvFile.Read(Path.Combine(AppContext.BaseDirectory, "Costs", "Sources", name));

    /// <summary>A table in 'shared'; null where it is not there.</summary>
    public List<Dictionary<string, string>>? Shared(string name)
    {
        string? path = _shared is null ? null : Path.Combine(_shared, "oracles", name);
        if (path is not null && File.Exists(path)) return CsvFile.Read(path);
        if (!_missing.Contains(name)) _missing.Add(name);
        return null;
    }
}

/// <summary>Fields of a row.</summary>
internal static class RowFields
{
    public static int Whole(this Dictionary<string, string> row, string column) => int.Parse(row[column], CultureInfo.InvariantCulture);

    public static double Real(this Dictionary<string, string> row, string column) => double.Parse(row[column], CultureInfo.InvariantCulture);
}
