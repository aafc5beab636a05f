namespace Haq.Engine.Tests.Hardware;

/// <summary>Rows of a CSV file without quoting, by column name; lines that start with # are comments.</summary>
internal static class CsvFile
{
    public static List<Dictionary<string, string>> Read(string path)
    {
        string[][] lines = [.. File.ReadLines(path).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(','))];
        return [.. lines.Skip(1).Select(fields => lines[0].Zip(fields).ToDictionary(p => p.First, p => p.Second))];
    }

    public static List<Dictionary<string, string>> Golden(string name) =>
        Read(Path.Combine(AppContext.BaseDirectory, "Hardware", "Golden", name));
}
