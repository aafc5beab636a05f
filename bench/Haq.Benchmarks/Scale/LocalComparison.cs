using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// One process that gives every policy all its threads, against as many workers of one thread, in turns: <c>scale local MANIFEST ROUNDS [search|POLICIES]</c>. The workers once share what a process
/// shares and once nothing. With a number only so many of the probes are measured, with <c>search</c> it is a whole search, once each, whose results must be equal.
/// </summary>
internal static class LocalComparison
{
    private const int Threads = 2;

    public static void Run(string manifest, int rounds, string? what)
    {
        using var plain = new OpenedSearch(manifest, Threads);
        using var shared = new OpenedSearch(manifest, Threads);
        using var first = new OpenedSearch(manifest, 1);
        using var second = new OpenedSearch(manifest, 1);
        Console.WriteLine($"{plain.Name}: {plain.Quantizer.Model.Layers.Length} layers, {plain.Set.Count} samples, probes on {(plain.ProbeSet ?? plain.Set).Count}");
        if (what == "search") Search(plain, shared);
        else Probe(plain, shared, first, second, rounds, what is null ? int.MaxValue : int.Parse(what, CultureInfo.InvariantCulture));
    }

    private static void Probe(OpenedSearch plain, OpenedSearch shared, OpenedSearch first, OpenedSearch second, int rounds, int most)
    {
        // Evenly over the network: a probe of a late layer takes up what earlier layers made.
        var all = plain.Probed;
        int count = Math.Min(most, all.Count);
        Policy[] policies = [.. Enumerable.Range(0, count).Select(i => all[i * all.Count / count])];
        var pool = shared.Pool(Threads);
        var apart = new SeparatePools([first.Pool(1), second.Pool(1)]);
        var ways = new (string Name, Func<double> Seconds)[]
        {
            ("one process, two threads per policy", () => Time(new MeasuredEvaluator(plain.Quantizer, plain.ProbeSet ?? plain.Set, integers: true), policies)),
            ("one process, a policy per thread", () => Time(new DistributedEvaluator(pool, shared.ProbeSubject ?? shared.Subject), policies)),
            ("two workers that share nothing", () => Time(new DistributedEvaluator(apart, first.ProbeSubject ?? first.Subject), policies)),
        };
        foreach (var (_, seconds) in ways) seconds();
        double[][] taken = [.. ways.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
            for (int way = 0; way < ways.Length; way++) taken[way][round] = ways[way].Seconds();
        double one = Median(taken[0]);
        for (int way = 0; way < ways.Length; way++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ways[way].Name,-36} {policies.Length} policies in {Median(taken[way]):F2} s, {one / Median(taken[way]):F2} times as fast"));
        }
        pool.DisposeAsync().AsTask().Wait();
        apart.DisposeAsync().AsTask().Wait();
    }

    private static void Search(OpenedSearch plain, OpenedSearch shared)
    {
        var pool = shared.Pool(Threads);
        using var schedule = new ScoringSchedule(pool);
        var probes = plain.ProbeSet is { } part ? new MeasuredEvaluator(plain.Quantizer, part, integers: true) : null;
        var one = Time(() => plain.Search(new MeasuredEvaluator(plain.Quantizer, plain.Set, integers: true), probes, null));
        var spread = shared.ProbeSubject is { } subject ? new DistributedEvaluator(schedule, subject) : null;
        var two = Time(() => shared.Search(new DistributedEvaluator(schedule, shared.Subject), spread, null));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"whole search: {one.Seconds:F1} s, a policy per thread {two.Seconds:F1} s, " +
            $"{one.Seconds / two.Seconds:F2} times as fast; {one.Result.Evaluated} measured, loss {one.Result.Score.Loss:G6}"));
        if (!one.Result.Best.Equals(two.Result.Best) || one.Result.Score != two.Result.Score || one.Result.Evaluated != two.Result.Evaluated) throw new InvalidOperationException("the results differ");
        pool.DisposeAsync().AsTask().Wait();
    }

    private static (double Seconds, SearchResult Result) Time(Func<SearchResult> search)
    {
        var clock = Stopwatch.StartNew();
        var result = search();
        return (clock.Elapsed.TotalSeconds, result);
    }

    private static double Time(IPolicyEvaluator evaluator, IReadOnlyList<Policy> policies)
    {
        var clock = Stopwatch.StartNew();
        (evaluator as IForesightedEvaluator)?.Announce([.. policies.Select(p => new EvaluationRequest(p))]);
        foreach (var policy in policies) evaluator.Evaluate(policy, CancellationToken.None);
        double seconds = clock.Elapsed.TotalSeconds;
        (evaluator as IDisposable)?.Dispose();
        return seconds;
    }

    private static double Median(double[] values) => (values.Order().ElementAt((values.Length - 1) / 2) + values.Order().ElementAt(values.Length / 2)) / 2;
}
