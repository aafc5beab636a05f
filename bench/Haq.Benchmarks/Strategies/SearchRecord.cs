using System.Text.Json;

namespace Haq.Benchmarks.Strategies;

/// <summary>One search, and what its policy does on samples that no search saw.</summary>
/// <param name="Manifest">The manifest's folder, which names the cell.</param>
/// <param name="Seed">Of the search, its samples and its calibration.</param>
/// <param name="Steps">Policies measured, probes included.</param>
/// <param name="Seconds">The search alone, scores included, from an empty cache.</param>
/// <param name="Searched">Loss on the search samples.</param>
/// <param name="Losses">Loss of each sample of the manifest's evaluation data.</param>
/// <param name="Correct">A bit for each of them: its best class is the label. Base64.</param>
internal sealed record SearchRecord(string Manifest, int Seed, int Steps, double Seconds, double Searched, float[] Losses, string Correct)
{
    /// <summary>Which samples are classified correctly.</summary>
    public bool[] Hits() => StrategyRun.Unpack(Correct, Losses.Length);

    /// <summary>The records of a file of lines of JSON; none where there is no file.</summary>
    public static IReadOnlyList<SearchRecord> Read(string results) =>
        File.Exists(results) ? [.. File.ReadLines(results).Select(line => JsonSerializer.Deserialize<SearchRecord>(line)!)] : [];
}
