using System.Globalization;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>Gives work to workers elsewhere, for all that somebody measures on. Nobody is asked for before the first piece of it.</summary>
internal sealed class SharedSchedule : IDisposable
{
    // The pool works in this process after its wait, so that there is always somebody before this is over.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(10);

    // Each time another worker was lost: with many of them that come and go, that says little about the work.
    private const int MostLosses = 20;

    private readonly IScoringPools _workers;
    private readonly Action<string> _report;
    private readonly Lazy<(WorkersOrHere Pool, ScoringSchedule Schedule, IDisposable Listening)> _parts;

    /// <param name="workers">Who scores.</param>
    /// <param name="threads">How many pieces of work this process does at a time, where it has to.</param>
    /// <param name="report">Told of workers that come and go.</param>
    public SharedSchedule(IScoringPools workers, int threads, Action<string> report)
    {
        (_workers, _report) = (workers, report);
        _parts = new(() =>
        {
            var messages = new Relay<string>(report);
            var listening = workers.Listen(messages);
            var pool = new WorkersOrHere(workers, threads);
            return (pool, new ScoringSchedule(pool, new DistributionOptions { WorkerWait = workers.Wait + s_margin, MostLosses = MostLosses, Messages = messages }), listening);
        });
    }

    /// <summary>A worker is there now.</summary>
    public bool HasWorkers => Pool.HasWorkers;

    /// <summary>Waits for a first worker no longer than it may.</summary>
    /// <returns>False where none is there.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool WaitForWorkers(CancellationToken cancellation)
    {
        if (!Pool.HasWorkers && !_workers.IsGivenUp)
            _report(string.Create(CultureInfo.InvariantCulture, $"no worker is there; waiting for one for up to {_workers.Wait.TotalSeconds:0.#} s"));
        return Pool.WaitForWorkers(cancellation);
    }

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
