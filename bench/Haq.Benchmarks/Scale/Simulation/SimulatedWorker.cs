using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>
/// A worker of one thread: what it does when, and which networks it still has open. It closes one that has scored every batch, and of more than eight others the one that it used least lately.
/// </summary>
internal sealed class SimulatedWorker(IWorkTimes times)
{
    private const int MostWarm = 8;

    private readonly List<Warm> _warm = [];

    /// <summary>When it is idle.</summary>
    public double FreeAt { get; private set; }

    /// <summary>What it has done: the pieces, in their order.</summary>
    public List<WorkSpan> Done { get; } = [];

    /// <summary>It has this network open.</summary>
    public bool Has(string subject, Policy policy) => _warm.Exists(w => w.Subject == subject && w.Policy.Equals(policy));

    /// <summary>Takes an order that comes at this time; returns what becomes of it if nobody ends it.</summary>
    public WorkSpan Take(string subject, int batchesOfSet, Policy policy, ImmutableArray<int> batches, double comes)
    {
        double begins = Math.Max(comes, FreeAt), at = begins;
        var warm = _warm.Find(w => w.Subject == subject && w.Policy.Equals(policy));
        if (warm is null) at += times.Opening(subject, policy);
        double ready = at;
        double[] ends = new double[batches.Length];
        for (int i = 0; i < ends.Length; i++) ends[i] = at += times.Scoring(subject, policy, batches[i]);
        if (warm is not null) _warm.Remove(warm);
        int left = (warm?.Left ?? batchesOfSet) - batches.Length;
        if (left > 0) _warm.Add(new Warm(subject, policy, left));
        if (_warm.Count > MostWarm) _warm.RemoveAt(0);
        var span = new WorkSpan(subject, policy, batches, [.. ends], begins, ready);
        Done.Add(span);
        FreeAt = span.Ends;
        return span;
    }

    /// <summary>Is told at this time that nobody needs its last piece any more: it ends after the batch that it is at, and does not begin what it has not begun.</summary>
    public void End(WorkSpan span, double told)
    {
        if (Done[^1] != span) return;
        Done.RemoveAt(Done.Count - 1);
        var cut = span.Until(told);
        if (cut.Ends > cut.Begins) Done.Add(cut);
        FreeAt = Math.Min(FreeAt, Math.Max(cut.Ends, Done.Count > 0 ? Done[^1].Ends : 0));
    }

    private sealed record Warm(string Subject, Policy Policy, int Left);
}
