using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting;

/// <summary>Finds the report that a user means.</summary>
public static class ReportFile
{
    private const string Ending = ".haq.report.json";

    // Build outputs lie at bin/Debug/net10.0/RID/publish at most; deeper trees are not worth the walk.
    private static readonly EnumerationOptions s_walk = new() { RecurseSubdirectories = true, MaxRecursionDepth = 6, IgnoreInaccessible = true };

    /// <summary>
    /// The file itself; the JSON beside a page; or in a folder (and, where it has none, below it) the newest report, as several configurations may each hold one.
    /// </summary>
    /// <exception cref="HaqException">There is no report there.</exception>
    public static string Find(string path)
    {
        if (Directory.Exists(path)) return Newest(path);
        if (path.EndsWith(".report.html", StringComparison.OrdinalIgnoreCase))
        {
            string beside = Path.ChangeExtension(path, ".json");
            if (File.Exists(beside)) return beside;
        }
        return path;
    }

    private static string Newest(string folder)
    {
        var here = Directory.EnumerateFiles(folder, "*" + Ending).ToList();
        if (here.Count == 0) here = [.. Directory.EnumerateFiles(folder, "*" + Ending, s_walk)];
        return here.OrderByDescending(File.GetLastWriteTimeUtc).ThenBy(f => f, StringComparer.Ordinal).FirstOrDefault()
            ?? throw DiagnosticCatalog.UnreadableReport.Error(folder, $"there is no *{Ending} in this folder or below it. Build the project, run 'haq quantize', or give the report's path.");
    }
}
