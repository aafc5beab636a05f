using Haq.Cluster.Clients;
using Haq.Cluster.Protocol;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Haq.Dashboard;

/// <summary>What workers and their silos say of themselves, for as long as a chart is wide. Orleans' dashboard asks only silos for it that carry the dashboard too, which workers do not.</summary>
internal sealed class WorkerHistory(WorkerWatch watch, IGrainFactory grains) : BackgroundService
{
    private const int Kept = 100;

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1), s_patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<SiloRuntimeStatistics>> _silos = new(StringComparer.Ordinal);

    /// <summary>The worker whose silo has this address; null where none has.</summary>
    public WorkerFigures? Of(string silo) => watch.Now.FirstOrDefault(w => w.Figures?.Silo == silo)?.Figures;

    /// <summary>What its silo said, oldest first, after nulls for what is not known.</summary>
    public SiloRuntimeStatistics?[] StatisticsOf(string silo)
    {
        lock (_lock)
        {
            var known = _silos.GetValueOrDefault(silo);
            return [.. Enumerable.Repeat<SiloRuntimeStatistics?>(null, Kept - (known?.Count ?? 0)), .. known ?? []];
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watching = watch.RunAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await TakeAsync(stoppingToken).ConfigureAwait(false);
            await Task.Delay(s_round, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TakeAsync(CancellationToken cancellation)
    {
        string[] silos = [.. watch.Now.Select(w => w.Figures?.Silo).OfType<string>().Where(s => s.Length > 0)];
        try
        {
            var addresses = silos.Select(SiloAddress.FromParsableString).ToArray();
            var taken = addresses.Length == 0 ? [] : await grains.GetGrain<IManagementGrain>(0).GetRuntimeStatistics(addresses).WaitAsync(s_patience, cancellation).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (string gone in _silos.Keys.Except(silos, StringComparer.Ordinal).ToList()) _silos.Remove(gone);
                for (int i = 0; i < taken.Length; i++) Add(silos[i], taken[i]);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One of them is away: the next round tells more.
        }
    }

    private void Add(string silo, SiloRuntimeStatistics statistics)
    {
        if (!_silos.TryGetValue(silo, out var known)) _silos.Add(silo, known = []);
        known.Enqueue(statistics);
        while (known.Count > Kept) known.Dequeue();
    }
}
