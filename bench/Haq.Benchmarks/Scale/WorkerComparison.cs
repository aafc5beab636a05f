using System.Diagnostics;
using System.Globalization;
using Haq.Benchmarks.Scale.Figures;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// The probing of a manifest's search by one process of two threads, by two workers of one thread, and by one worker of two, in turns: <c>scale workers MANIFEST [ROUNDS]</c>. Workers are
/// real processes. Each has done it once before, so that all of them have what first layers make, as they have it in a search.
/// </summary>
internal static class WorkerComparison
{
    private const int Threads = 2;

    public static WorkerFigures Run(string manifest, int rounds)
    {
        using var search = new OpenedSearch(manifest, Threads);
        var policies = search.Probed;
        using var two = new WorkerProcesses(search, Threads, 1);
        using var one = new WorkerProcesses(search, 1, Threads);
        var plain = new MeasuredEvaluator(search.Quantizer, search.ProbeSet ?? search.Set, integers: true);
        PolicyScore[] expected = [.. policies.Select(p => plain.Evaluate(p, CancellationToken.None))];
        Probe(two, policies, expected);
        Probe(one, policies, expected);
        var (alone, apart, together) = (new double[rounds], new double[rounds], new double[rounds]);
        for (int round = 0; round < rounds; round++)
        {
            alone[round] = Probe(plain, policies, expected);
            apart[round] = Probe(two, policies, expected);
            together[round] = Probe(one, policies, expected);
        }
        var figures = new WorkerFigures(search.Name, policies.Count, alone, apart, together);
        Console.WriteLine(figures.Page());
        return figures;
    }

    private static double Probe(WorkerProcesses workers, IReadOnlyList<Policy> policies, PolicyScore[] expected)
    {
        using var evaluator = workers.Evaluator();
        return Probe(evaluator, policies, expected);
    }

    private static double Probe(IPolicyEvaluator evaluator, IReadOnlyList<Policy> policies, PolicyScore[] expected)
    {
        var clock = Stopwatch.StartNew();
        (evaluator as IForesightedEvaluator)?.Announce([.. policies.Select(p => new EvaluationRequest(p))]);
        PolicyScore[] scores = [.. policies.Select(p => evaluator.Evaluate(p, CancellationToken.None))];
        double seconds = clock.Elapsed.TotalSeconds;
        if (!scores.SequenceEqual(expected)) throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the scores of {policies.Count} policies differ"));
        return seconds;
    }
}
