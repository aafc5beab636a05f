using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Haq.Cluster.Tests.Matrix;

/// <summary>What of a file is the same after every build from the same input.</summary>
/// <param name="Whole">All of it.</param>
/// <param name="Sure">Of a report whose time was over before all was measured: the part that does not depend on it.</param>
internal sealed record MatrixFile(string Whole, string? Sure)
{
    // The parts that a report measures within a share of the build's time.
    private static readonly string[] s_timed = ["notMeasured", "baselines", "layers", "pareto", "steps"];

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The bytes; of a report all but how long things took, of its page, which says the same, that it is there.</summary>
    public static MatrixFile Read(string path)
    {
        if (path.EndsWith(".report.html", StringComparison.Ordinal)) return new MatrixFile("a page", null);
        byte[] bytes = File.ReadAllBytes(path);
        if (!path.EndsWith(".report.json", StringComparison.Ordinal)) return new MatrixFile(Convert.ToHexStringLower(SHA256.HashData(bytes)), null);
        var report = JsonNode.Parse(bytes)!.AsObject();
        report.Remove("timings");
        string whole = report.ToJsonString(s_indented);
        bool isCut = report["notMeasured"] is not null;
        foreach (string part in s_timed) report.Remove(part);
        return new MatrixFile(isCut ? "" : whole, report.ToJsonString(s_indented));
    }

    /// <summary>Where they differ; null where they do not.</summary>
    public string? Difference(MatrixFile other)
    {
        bool isCut = Whole.Length == 0 || other.Whole.Length == 0;
        var (one, two) = isCut ? (Sure ?? "", other.Sure ?? "") : (Whole, other.Whole);
        if (one == two) return null;
        var (before, after) = (one.Split('\n'), two.Split('\n'));
        int last = Math.Min(before.Length, after.Length) - 1, line = Enumerable.Range(0, last).FirstOrDefault(i => before[i] != after[i], last);
        return $"'{before[line].Trim()}' became '{after[line].Trim()}'";
    }

    /// <summary>What is missing, too many, or another, in words.</summary>
    public static IEnumerable<string> Differences(SortedDictionary<string, MatrixFile> expected, SortedDictionary<string, MatrixFile> found)
    {
        foreach (string file in expected.Keys.Except(found.Keys)) yield return $"{file} is missing";
        foreach (string file in found.Keys.Except(expected.Keys)) yield return $"{file} was left";
        foreach (var (file, content) in expected)
            if (found.TryGetValue(file, out var other) && content.Difference(other) is { } difference) yield return $"{file} is another: {difference}";
    }
}
