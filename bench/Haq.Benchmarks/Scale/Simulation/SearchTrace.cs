using System.Collections.Immutable;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>All that a search asked and announced, in its order. The number of workers changes nothing of it: a search decides by scores alone.</summary>
/// <param name="Subjects">What policies were measured on.</param>
/// <param name="Calls">In their order.</param>
internal sealed record SearchTrace(ImmutableArray<ScoringSubject> Subjects, ImmutableArray<TracedCall> Calls)
{
    /// <summary>How many different policies were waited for.</summary>
    public int Asked => Calls.Where(c => c.IsAsked).Select(c => (c.Subject, c.Requests[0].Policy)).Distinct().Count();

    /// <summary>The same calls, each after the shortest thought of several runs: what delayed one of them was not the search.</summary>
    /// <exception cref="ArgumentException">The runs were not the same.</exception>
    public static SearchTrace Least(IReadOnlyList<SearchTrace> runs)
    {
        var first = runs[0];
        foreach (var other in runs.Skip(1))
        {
            if (!other.Calls.Select(Said).SequenceEqual(first.Calls.Select(Said))) throw new ArgumentException("the same search asked other things", nameof(runs));
        }
        return first with { Calls = [.. first.Calls.Select((call, i) => call with { Thought = runs.Min(r => r.Calls[i].Thought) })] };

        static string Said(TracedCall call) => $"{call.Subject} {call.IsAsked} {call.Phase} {string.Join(' ', call.Requests.Select(r => $"{r.Policy.Digest}/{r.Rival?.Digest}"))}";
    }
}
