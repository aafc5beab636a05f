using System.Globalization;
using System.Text.Json;

namespace Haq.Benchmarks.Strategies;

/// <summary>
/// What a comparison gathered, as a table: means over the seeds, and per cell the difference of <c>auto</c> to <c>ddpg</c> and to the best uniform policy of each seed, in units of the
/// standard error of the difference over the same images: <c>strategies-table RESULTS</c>.
/// </summary>
internal static class StrategyTable
{
    public static IReadOnlyList<StrategyRun> Read(string results) =>
        File.Exists(results) ? [.. File.ReadLines(results).Select(line => JsonSerializer.Deserialize<StrategyRun>(line)!)] : [];

    public static void Print(string results)
    {
        Console.WriteLine("| target, budget | seeds | best uniform | ddpg | knapsack | auto | auto − ddpg | auto − uniform | seconds ddpg / auto |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var cell in Read(results).GroupBy(r => (r.Hardware, r.Budget)).OrderBy(g => g.Key.Hardware, StringComparer.Ordinal).ThenByDescending(g => g.Key.Budget))
        {
            var bySeed = cell.GroupBy(r => r.Seed).Select(g => new Row(g.ToList())).ToList();
            Console.WriteLine(
                $"| {cell.Key.Hardware} {cell.Key.Budget.ToString(CultureInfo.InvariantCulture)}× | {bySeed.Count(r => r.Auto is not null)} | {Mean(bySeed, r => r.Uniform)} | {Mean(bySeed, r => r.Ddpg)} | {Mean(bySeed, r => r.Knapsack)} | {Mean(bySeed, r => r.Auto)} "
                + $"| {Difference(bySeed, r => r.Ddpg)} | {Difference(bySeed, r => r.Uniform)} | {Seconds(bySeed, r => r.Ddpg)} / {Seconds(bySeed, r => r.Auto)} |");
        }
    }

    // The best uniform policy by what it does on the unseen images: a generous baseline.
    private sealed class Row(List<StrategyRun> runs)
    {
        public StrategyRun? Uniform { get; } = runs.Where(r => r.Strategy.StartsWith('w')).MaxBy(r => r.Hits().Count(h => h));

        public StrategyRun? Ddpg { get; } = runs.Find(r => r.Strategy == "ddpg");

        public StrategyRun? Knapsack { get; } = runs.Find(r => r.Strategy == "knapsack");

        public StrategyRun? Auto { get; } = runs.Find(r => r.Strategy == "auto");
    }

    private static string Mean(List<Row> rows, Func<Row, StrategyRun?> of)
    {
        double[] values = [.. rows.Select(of).OfType<StrategyRun>().Select(r => 100.0 * r.Hits().Count(h => h) / r.Images)];
        if (values.Length == 0) return "";
        double mean = values.Average(), deviation = values.Length > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1)) : 0;
        string text = mean.ToString("0.00", CultureInfo.InvariantCulture);
        return values.Length > 1 ? $"{text} ±{deviation.ToString("0.00", CultureInfo.InvariantCulture)}" : text;
    }

    // Every seed's images are the same, so that differences are averaged over the seeds per image, and then over the images.
    private static string Difference(List<Row> rows, Func<Row, StrategyRun?> other)
    {
        var pairs = rows.Where(r => r.Auto is not null && other(r) is not null).Select(r => (Auto: r.Auto!.Hits(), Other: other(r)!.Hits())).ToList();
        if (pairs.Count == 0) return "";
        double[] differences = [.. Enumerable.Range(0, pairs[0].Auto.Length).Select(i => pairs.Average(p => (p.Auto[i] ? 1.0 : 0) - (p.Other[i] ? 1.0 : 0)))];
        double mean = differences.Average(), variance = differences.Sum(d => (d - mean) * (d - mean)) / (differences.Length - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{100 * mean:+0.00;−0.00} ± {100 * Math.Sqrt(variance / differences.Length):0.00}");
    }

    private static string Seconds(List<Row> rows, Func<Row, StrategyRun?> of)
    {
        double[] seconds = [.. rows.Select(of).OfType<StrategyRun>().Select(r => r.Seconds)];
        return seconds.Length == 0 ? "" : seconds.Average().ToString("0", CultureInfo.InvariantCulture);
    }
}
