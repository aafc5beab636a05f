using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Running;

namespace Haq.Benchmarks.Strategies;

/// <summary>
/// Searches of any manifests, judged on their evaluation data: <c>searches RESULTS SEEDS MANIFEST…</c>, run by two engines into two files, and <c>searches-table BEFORE AFTER</c> for both side
/// by side. Every search starts from an empty cache; its result is one line of JSON, and what is in the file is not run again.
/// </summary>
internal static class SearchComparison
{
    public static void Run(string results, int[] seeds, IReadOnlyList<string> manifests)
    {
        string folder = Directory.CreateTempSubdirectory("haq-searches-").FullName;
        try
        {
            var known = SearchRecord.Read(results).Select(r => (r.Manifest, r.Seed)).ToHashSet();
            foreach (int seed in seeds)
            {
                foreach (string manifest in manifests)
                {
                    if (known.Contains((Name(manifest), seed))) continue;
                    var record = Search(manifest, seed, Path.Combine(folder, "cache"));
                    File.AppendAllLines(results, [JsonSerializer.Serialize(record)]);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{record.Manifest} seed {seed}: {record.Steps} steps, {record.Seconds:0.0} s, loss {record.Losses.Average():0.0000}"));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static void Print(string before, string after)
    {
        var old = SearchRecord.Read(before).ToLookup(r => r.Manifest);
        Console.WriteLine("| search | steps before | after | loss before | after | difference | top-1, points |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var cell in SearchRecord.Read(after).GroupBy(r => r.Manifest))
        {
            var pairs = cell.Join(old[cell.Key], r => r.Seed, r => r.Seed, (now, then) => (Before: then, After: now)).OrderBy(p => p.After.Seed).ToList();
            if (pairs.Count == 0) continue;
            // Every seed's samples are the same: differences are averaged over the seeds by sample, and then over the samples.
            var samples = Enumerable.Range(0, pairs[0].After.Losses.Length);
            double[] losses = [.. samples.Select(i => pairs.Average(p => (double)p.After.Losses[i] - p.Before.Losses[i]))];
            var hits = pairs.ConvertAll(p => (Before: p.Before.Hits(), After: p.After.Hits()));
            double[] points = [.. samples.Select(i => hits.Average(h => (h.After[i] ? 100.0 : 0) - (h.Before[i] ? 100.0 : 0)))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {cell.Key} | {Steps(pairs.Select(p => p.Before))} | {Steps(pairs.Select(p => p.After))} | {pairs.Average(p => p.Before.Losses.Average()):0.0000} | "
                + $"{pairs.Average(p => p.After.Losses.Average()):0.0000} | {losses.Average():+0.0000;−0.0000} ± {Error(losses):0.0000} | {points.Average():+0.00;−0.00} ± {Error(points):0.00} |"));
        }
    }

    private static SearchRecord Search(string manifest, int seed, string cache)
    {
        if (Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
        int steps = 0;
        var options = new PipelineOptions(manifest, new StageCache(cache)) { Strategy = "auto", Seed = seed };
        using var workspace = Workspace.Open(options, new Counter(() => steps++), CancellationToken.None);
        using var exploration = new Exploration(workspace);
        // Calibration and the float model's outputs are no part of a search's time.
        _ = (workspace.Pricing, workspace.Quantizer, workspace.SearchSet);
        var clock = Stopwatch.StartNew();
        var outcome = exploration.Search(_ => { });
        double seconds = clock.Elapsed.TotalSeconds;
        var samples = new MeasuredEvaluator(workspace.Quantizer, workspace.ReportedSet).Samples(workspace.Quantizer.Quantize(outcome.Policy), CancellationToken.None);
        return new SearchRecord(
            Name(manifest), seed, steps, seconds, outcome.Score!.Loss, [.. samples.Select(s => (float)s.Divergence)], StrategyRun.Pack([.. samples.Select(s => s.Top1)]));
    }

    private static string Name(string manifest) => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(manifest)))!;

    private static string Steps(IEnumerable<SearchRecord> records) => string.Join(", ", records.Select(r => r.Steps));

    private static double Error(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }

    // A search says one thing for every policy, and before them that it begins.
    private sealed class Counter(Action count) : IProgress<PipelineProgress>
    {
        public void Report(PipelineProgress value)
        {
            if (value.Stage == "search" && value.Message.Contains(" of ", StringComparison.Ordinal)) count();
        }
    }
}
