using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Search;

namespace Haq.Benchmarks.Strategies;

/// <summary>
/// Strategies side by side on the sample's network, judged on images that no search saw: the test images of Fashion-MNIST that are not the sample's. Every run starts from an
/// empty cache, and its result is one line of JSON that is written before the next run begins, so that a comparison can be stopped and continued:
/// <c>strategies RESULTS SAMPLE FASHION STRATEGIES HARDWARE BUDGETS SEEDS [threads]</c>, lists separated by commas. <see cref="StrategyTable"/> prints what was gathered.
/// </summary>
internal static class StrategyComparison
{
    public static void Run(string results, string sample, string fashion, string[] strategies, string[] hardware, double[] budgets, int[] seeds, int threads)
    {
        string folder = Directory.CreateTempSubdirectory("haq-strategies-").FullName;
        try
        {
            var unseen = FashionImages.Unseen(Path.GetFullPath(sample), fashion, folder);
            var known = StrategyTable.Read(results).Select(r => (r.Hardware, r.Budget, r.Seed, Kind(r.Strategy))).ToHashSet();
            foreach (int seed in seeds)
            {
                foreach (double budget in budgets)
                {
                    foreach (string target in hardware)
                    {
                        foreach (string strategy in strategies)
                        {
                            if (known.Contains((target, budget, seed, strategy))) continue;
                            string manifest = Manifest(folder, Path.GetFullPath(sample), unseen, target, budget, seed);
                            List<StrategyRun> runs;
                            try
                            {
                                runs = Cell(manifest, Path.Combine(folder, "cache"), strategy, target, budget, seed, threads);
                            }
                            catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.BudgetInfeasible)
                            {
                                Console.WriteLine($"{target} {budget.ToString(CultureInfo.InvariantCulture)}x is no budget that can be met: {e.Message}");
                                continue;
                            }
                            File.AppendAllLines(results, runs.Select(r => JsonSerializer.Serialize(r)));
                            foreach (var run in runs)
                            {
                                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                                    $"{target} {budget}x seed {seed} {run.Strategy}: {100.0 * run.Hits().Count(h => h) / run.Images:0.00} %, loss {run.Loss:0.0000}, {run.Evaluated} measured, {run.Seconds:0.0} s"));
                            }
                        }
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Kind(string strategy) => strategy.StartsWith('w') ? "uniform" : strategy;

    private static List<StrategyRun> Cell(string manifest, string cache, string strategy, string target, double budget, int seed, int threads)
    {
        if (Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
        var options = new PipelineOptions(manifest, new StageCache(cache)) { Strategy = strategy == "uniform" ? "knapsack" : strategy, Seed = seed, Threads = threads };
        using var workspace = Workspace.Open(options, null, CancellationToken.None);
        using var exploration = new Exploration(workspace);
        var pricing = workspace.Pricing;
        // Calibration and the float model's outputs are every strategy's, and no part of its time.
        _ = (workspace.Quantizer, workspace.SearchSet);
        var clock = Stopwatch.StartNew();
        if (strategy != "uniform")
        {
            var outcome = exploration.Search(_ => { });
            return [Of(strategy, outcome.Policy, clock.Elapsed.TotalSeconds, outcome.Evaluated, outcome.Score!.Loss)];
        }
        var searched = new MeasuredEvaluator(workspace.Quantizer, workspace.SearchSet);
        return [.. UniformPolicies.Within(pricing.Space, pricing.Costs, pricing.Budget).Select(policy =>
            Of($"w{policy[1].Weights}a{policy[1].Activations}", policy, 0, 1, searched.Evaluate(policy, CancellationToken.None).Loss))];

        StrategyRun Of(string name, Policy policy, double seconds, int evaluated, double searchedLoss)
        {
            var samples = new MeasuredEvaluator(workspace.Quantizer, workspace.ReportedSet).Samples(workspace.Quantizer.Quantize(policy), CancellationToken.None);
            double latency = pricing.Costs.PriceWhole(policy).LatencySeconds / pricing.EightBit.LatencySeconds;
            return new StrategyRun(target, budget, seed, name, seconds, evaluated, latency, searchedLoss, samples.Average(s => s.Divergence),
                StrategyRun.Pack([.. samples.Select(s => s.Top1)]), samples.Length, policy.ToString());
        }
    }

    private static string Manifest(string folder, string sample, (string Images, string Labels) unseen, string hardware, double budget, int seed)
    {
        string path = Path.Combine(folder, "haq.yaml");
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $$"""
            model: '{{sample}}/fashion-mobilenet.onnx'
            hardware: {{hardware}}
            budget: {latency: {{budget}}x}
            data:
              calibration: {path: '{{sample}}/train-images-idx3-ubyte.gz', samples: 256, preprocess: {scale: 255} }
              search: {path: '{{sample}}/evaluation-images-idx3-ubyte.gz', labels: '{{sample}}/evaluation-labels-idx1-ubyte.gz', preprocess: {scale: 255} }
              evaluation: {path: '{{unseen.Images}}', labels: '{{unseen.Labels}}', preprocess: {scale: 255} }
            search: {samples: 1000, seed: {{seed}} }
            """));
        return path;
    }
}
