using System.Collections.Immutable;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>A search on a simulated cluster.</summary>
/// <param name="Workers">How many, of one thread each.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Thought">Seconds of it in which the search itself computed; workers go on meanwhile.</param>
/// <param name="Orders">How many pieces of work were given out.</param>
/// <param name="Busy">Share of the workers' time in which they worked, also at what proved to be in vain.</param>
/// <param name="Phases">What each kind of phase had of that, in the order in which they began.</param>
internal sealed record Replay(int Workers, double Seconds, double Thought, int Orders, double Busy, ImmutableArray<PhaseShare> Phases)
{
    /// <summary>Share of what the workers did that the search asked for in the end. The rest was foreseen and did not come, or ran on past the end of a race.</summary>
    public double Asked { get; init; } = 1;

    /// <summary>Sums up what workers did.</summary>
    public static Replay Of(int workers, double seconds, double thought, int orders, IReadOnlyList<PhaseSpan> phases, IReadOnlyList<WorkSpan> spans)
    {
        return new Replay(workers, seconds, thought, orders, BusyIn(phases), [.. phases.GroupBy(p => p.Phase).Select(g => new PhaseShare(g.Key, Length([.. g]), BusyIn([.. g])))]);

        double BusyIn(IReadOnlyList<PhaseSpan> parts) => Length(parts) is > 0 and var length ? parts.Sum(p => spans.Sum(s => s.Within(p.Begins, p.Ends))) / (workers * length) : 1;

        static double Length(IReadOnlyList<PhaseSpan> parts) => parts.Sum(p => p.Ends - p.Begins);
    }

    /// <summary>Several kinds of phases as one.</summary>
    public PhaseShare Together(string name, Func<string, bool> which)
    {
        var parts = Phases.Where(p => which(p.Phase)).ToList();
        double seconds = parts.Sum(p => p.Seconds);
        return new PhaseShare(name, seconds, seconds == 0 ? 1 : parts.Sum(p => p.Seconds * p.Busy) / seconds);
    }
}
