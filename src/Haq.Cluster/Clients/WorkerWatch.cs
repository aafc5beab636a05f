using Haq.Cluster.Settings;

namespace Haq.Cluster.Clients;

/// <summary>Keeps asking every worker of a cluster how it is, over connections that stay. One that does not answer delays nobody else. For several readers.</summary>
internal sealed class WorkerWatch(ClusterSettings settings)
{
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1), s_rest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Uri, RolledWorker> _workers = [];

    /// <summary>What was last heard of each, in the order of their names.</summary>
    public IReadOnlyList<RolledWorker> Now
    {
        get
        {
            lock (_lock) return [.. WorkerRoll.InOrder(_workers.Values)];
        }
    }

    /// <summary>Asks until it is ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var asking = new Dictionary<Uri, (Task Task, CancellationTokenSource End)>();
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var list = await GatewayList.OpenAsync(settings, cancellation).ConfigureAwait(false);
                while (true)
                {
                    Follow(asking, await list.ReadAsync(cancellation).ConfigureAwait(false), cancellation);
                    await Task.Delay(s_round, cancellation).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The server that names them is away, or this ends: those that are known are asked on.
                await Task.Delay(s_rest, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await Task.WhenAll(asking.Values.Select(a => a.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (_, end) in asking.Values) end.Dispose();
    }

    private void Follow(Dictionary<Uri, (Task Task, CancellationTokenSource End)> asking, IReadOnlyList<Uri> gateways, CancellationToken cancellation)
    {
        foreach (var gateway in gateways)
        {
            if (asking.ContainsKey(gateway)) continue;
            var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            asking.Add(gateway, (Task.Run(() => AskAsync(gateway, end.Token), CancellationToken.None), end));
        }
        foreach (var gone in asking.Keys.Except(gateways).ToList())
        {
            var (task, end) = asking[gone];
            end.Cancel();
            asking.Remove(gone);
            _ = task.ContinueWith(_ => end.Dispose(), TaskScheduler.Default);
        }
    }

    private async Task AskAsync(Uri gateway, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await using var connection = await WorkerConnection.OpenAsync(settings, gateway, cancellation).ConfigureAwait(false);
                while (true)
                {
                    Put(new RolledWorker(gateway, await connection.Worker.Tell().WaitAsync(settings.Patience, cancellation).ConfigureAwait(false), null));
                    await Task.Delay(s_round, cancellation).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (!cancellation.IsCancellationRequested) Put(new RolledWorker(gateway, null, WorkerRoll.ProblemOf(e, settings)));
                await Task.Delay(s_rest, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        lock (_lock) _workers.Remove(gateway);
    }

    private void Put(RolledWorker worker)
    {
        lock (_lock) _workers[worker.Gateway] = worker;
    }
}
