using System.Globalization;
using Haq.Benchmarks.Scale.Figures;
using Haq.Benchmarks.Scale.Simulation;
using Haq.Engine.Evaluation;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// What a cluster would make of a manifest's search: <c>scale simulate MANIFEST [WORKERS…]</c>. The search runs here once, with every evaluation's time measured on one thread; then again on what
/// is known, for the times that the search itself takes; and its trace is replayed on clusters of any size.
/// </summary>
internal static class SearchSimulation
{
    // Not less than what `scale overhead` measured between processes of one machine: giving an order out and taking its answer is done by one thread, one order after the other; packing, sending
    // and reading are done by all cores of both sides, and are part of the way.
    private const double OrderSeconds = 0.0003, TravelSeconds = 0.001;

    private const int Thinkings = 3;

    /// <summary>How many workers, where nothing else is said.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    /// <param name="manifest">Whose search.</param>
    /// <param name="sizes">How many workers, each.</param>
    public static NetworkFigures Run(string manifest, IReadOnlyList<int> sizes)
    {
        using var opened = new OpenedSearch(manifest, 1);
        var sets = new Dictionary<string, EvaluationSet>(StringComparer.Ordinal) { [OpenedSearch.Candidates] = opened.Set };
        if (opened.ProbeSet is { } probes) sets.Add(OpenedSearch.Probes, probes);
        var times = new MeasuredTimes(opened.Quantizer, sets, reuse: true);
        foreach (var policy in opened.First) times.WarmUp(policy);
        var before = Environment.CpuUsage.TotalTime;
        Record(opened, times);
        double whole = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        var trace = SearchTrace.Least([.. Enumerable.Range(0, Thinkings).Select(_ => Record(opened, times))]);
        ReplayFigure[] ideal = [.. sizes.Select(workers => Replayed(trace, times, new ClusterShape(workers, 0, 0)))];
        ReplayFigure[] real = [.. sizes.Select(workers => Replayed(trace, times, new ClusterShape(workers, OrderSeconds, TravelSeconds)))];
        double reuse = Probing(opened, times) / Probing(opened, new MeasuredTimes(opened.Quantizer, sets, reuse: false));
        double all = SimulatedCluster.Run(trace, times, new ClusterShape(1, 0, 0)) is var alone ? alone.Seconds * alone.Busy : 0;
        var figures = new NetworkFigures(opened.Name, opened.Quantizer.Model.Layers.Length, trace.Asked, Rounded(all), Rounded(trace.Calls.Sum(c => c.Thought)), ideal, real)
        {
            Samples = opened.Set.Count, ProbeSamples = (opened.ProbeSet ?? opened.Set).Count, OrderSeconds = OrderSeconds, TravelSeconds = TravelSeconds, Reuse = Rounded(reuse),
        };
        Console.WriteLine($"{figures.CostRow()}\n\n{figures.Page()}");
        foreach (int workers in sizes) Console.WriteLine(figures.PhasePage(workers));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"the search used {whole:0.0} s of processor time in all threads, {all:0.0} s of it for scores; {times.Count} policies were measured, what was foreseen in vain included"));
        return figures;
    }

    private static double Probing(OpenedSearch opened, MeasuredTimes times)
    {
        var set = opened.ProbeSubject ?? opened.Subject;
        return opened.Probed.Sum(policy => times.Opening(set.Digest, policy) + Enumerable.Range(0, set.Batches).Sum(batch => times.Scoring(set.Digest, policy, batch)));
    }

    private static ReplayFigure Replayed(SearchTrace trace, MeasuredTimes times, ClusterShape shape)
    {
        var replay = SimulatedCluster.Run(trace, times, shape);
        double probing = replay.Together("probing", phase => phase is "" or "uniform policies" or "scoring").Busy;
        return new ReplayFigure(shape.Workers, Rounded(replay.Seconds), Rounded(replay.Busy), Rounded(probing), Rounded(replay.Asked),
            [.. replay.Phases.Select(p => new PhaseFigure(p.Phase, Rounded(p.Seconds), Rounded(p.Busy)))]);
    }

    private static double Rounded(double value) => Math.Round(value, 4);

    private static SearchTrace Record(OpenedSearch opened, MeasuredTimes times)
    {
        var recorder = new TraceRecorder(times);
        var candidates = recorder.Of(opened.Subject);
        var probes = opened.ProbeSubject is { } subject ? recorder.Of(subject) : null;
        opened.Search(candidates, probes, recorder);
        return recorder.Trace;
    }
}
