using System.Collections.Immutable;
using Haq.Cluster.Protocol;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Cluster.Clients;

/// <summary>The workers of a cluster as a place to score.</summary>
internal sealed class ClusterPool(ClusterClient cluster) : ISubjectPool
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<WorkerLink, int> _taken = [];
    private ImmutableArray<SubjectParcel> _parcels = [];

    /// <inheritdoc/>
    /// <remarks>Workers that are still getting a subject count where no other is ready: work that they are given waits for that.</remarks>
    public int Capacity
    {
        get
        {
            int ready = 0, opening = 0;
            foreach (var link in cluster.Links())
            {
                var phase = PhaseOf(link);
                if (phase == SubjectPhase.Ready) ready += link.Threads;
                else if (phase != SubjectPhase.Unfit) opening += link.Threads;
            }
            return ready > 0 ? ready : opening;
        }
    }

    /// <inheritdoc/>
    public void Add(SubjectParcel parcel)
    {
        lock (_lock)
            if (_parcels.All(p => p.Digest != parcel.Digest)) _parcels = _parcels.Add(parcel);
    }

    /// <inheritdoc/>
    public async Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        var parcel = _parcels.FirstOrDefault(p => p.Digest == work.Subject) ?? throw new ArgumentException($"the work is about {work.Subject}, which was not added to this pool", nameof(work));
        var link = await TakeAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await link.ScoreAsync(parcel, work, cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock) _taken[link]--;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // The least loaded for its threads of those that are ready. Work is bound to nobody before: where all are still getting the subject, it goes to the first that has it.
    private async Task<WorkerLink> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            lock (_lock)
            {
                var fit = cluster.Links().Select(link => (Link: link, link.Threads, Phase: PhaseOf(link))).Where(c => c.Threads > 0 && c.Phase is not SubjectPhase.Unfit).ToList();
                if (fit.Count == 0) throw new WorkLostException("no worker is there") { WasBegun = false };
                // Where the subject itself is wrong, any of them says so.
                var ready = fit.Where(c => c.Phase is SubjectPhase.Ready or SubjectPhase.Wrong).ToList();
                if (ready.Count > 0)
                {
                    var best = ready.MinBy(c => (_taken.GetValueOrDefault(c.Link) + 1.0) / c.Threads).Link;
                    _taken[best] = _taken.GetValueOrDefault(best) + 1;
                    return best;
                }
            }
            await Task.Delay(s_look, cancellation).ConfigureAwait(false);
        }
    }

    // That of the subject which it is least far with.
    private SubjectPhase PhaseOf(WorkerLink link)
    {
        var all = _parcels.Select(link.PhaseOf).ToList();
        if (all.Contains(SubjectPhase.Unfit)) return SubjectPhase.Unfit;
        if (all.Contains(SubjectPhase.Wrong)) return SubjectPhase.Wrong;
        return all.TrueForAll(p => p == SubjectPhase.Ready) ? SubjectPhase.Ready : SubjectPhase.Opening;
    }
}
