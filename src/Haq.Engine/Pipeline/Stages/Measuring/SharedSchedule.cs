using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <summary>Gives work to workers elsewhere, for all that a search measures on. Nobody is asked for before the first piece of it.</summary>
internal sealed class SharedSchedule : IDisposable
{
    // The pool works in this process after its wait, so that there is always somebody before this is over.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(10);

    // Each time another worker was lost: with many of them that come and go, that says little about the work.
    private const int MostLosses = 20;

    private readonly Lazy<(WorkersOrHere Pool, ScoringSchedule Schedule, IDisposable Listening)> _parts;

    public SharedSchedule(ScoringElsewhere elsewhere, StageScope scope) => _parts = new(() =>
    {
        var messages = new Relay<string>(text => scope.Report(text));
        var listening = elsewhere.Workers.Listen(messages);
        var pool = new WorkersOrHere(elsewhere.Workers, elsewhere.Threads);
        return (pool, new ScoringSchedule(pool, new DistributionOptions { WorkerWait = elsewhere.Workers.Wait + s_margin, MostLosses = MostLosses, Messages = messages }), listening);
    });

    public WorkersOrHere Pool => _parts.Value.Pool;

    public ScoringSchedule Schedule => _parts.Value.Schedule;

    public void Dispose()
    {
        if (!_parts.IsValueCreated) return;
        _parts.Value.Listening.Dispose();
        Schedule.Dispose();
        Pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
