using System.Diagnostics;
using Haq.Benchmarks.Scale.Figures;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// What it costs to give a policy away: <c>scale overhead MANIFEST [ROUNDS]</c>. Once with a pool whose work takes no time; once by a real worker of one thread, against one thread of this
/// process.
/// </summary>
internal static class OverheadComparison
{
    private static readonly int[] s_capacities = [1, 2, 16, 64, 256];

    public static OverheadFigures Run(string manifest, int rounds)
    {
        using var search = new OpenedSearch(manifest, 1);
        var policies = search.Probed;
        var subject = search.ProbeSubject ?? search.Subject;
        var empty = s_capacities.Select(capacity => Empty(subject, capacity, policies, rounds)).ToList();
        using var worker = new WorkerProcesses(search, 1, 1);
        var pool = search.Pool(1);
        string digest = subject.Digest;
        Far();
        Near();
        var (far, near, client) = (new double[rounds], new double[rounds], new double[rounds]);
        for (int round = 0; round < rounds; round++)
        {
            near[round] = Near();
            var began = Environment.CpuUsage.TotalTime;
            far[round] = Far();
            client[round] = (Environment.CpuUsage.TotalTime - began).TotalMilliseconds / policies.Count;
        }
        pool.DisposeAsync().AsTask().Wait();
        var figures = new OverheadFigures(search.Name, policies.Count, subject.Samples, empty, near, far, client);
        Console.WriteLine(figures.Page());
        return figures;

        double Near()
        {
            using var evaluator = new DistributedEvaluator(pool, subject);
            return Milliseconds(evaluator, policies);
        }

        double Far()
        {
            using var evaluator = worker.Evaluator();
            return Milliseconds(evaluator, policies);
        }
    }

    private static EmptyFigure Empty(ScoringSubject subject, int capacity, IReadOnlyList<Policy> policies, int rounds)
    {
        var pool = new NoWorkPool(subject, capacity);
        double[] each = new double[rounds];
        for (int round = -1; round < rounds; round++)
        {
            using var evaluator = new DistributedEvaluator(pool, subject);
            double taken = Milliseconds(evaluator, policies);
            if (round >= 0) each[round] = taken;
        }
        return new EmptyFigure(capacity, (double)pool.Pieces / ((rounds + 1) * policies.Count), each);
    }

    // Per policy.
    private static double Milliseconds(IForesightedEvaluator evaluator, IReadOnlyList<Policy> policies)
    {
        var clock = Stopwatch.StartNew();
        evaluator.Announce([.. policies.Select(p => new EvaluationRequest(p))]);
        foreach (var policy in policies) evaluator.Evaluate(policy, CancellationToken.None);
        return clock.Elapsed.TotalMilliseconds / policies.Count;
    }
}
