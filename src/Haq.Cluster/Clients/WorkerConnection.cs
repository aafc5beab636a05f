using Haq.Cluster.Membership;
using Haq.Cluster.Protocol;
using Haq.Cluster.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Haq.Cluster.Clients;

/// <summary>A connection to one worker's gateway.</summary>
internal sealed class WorkerConnection : IAsyncDisposable
{
    private readonly IHost _host;

    private WorkerConnection(IHost host) => (_host, Worker) = (host, host.Services.GetRequiredService<IGrainFactory>().GetGrain<IWorkerGrain>(0));

    /// <summary>The worker there.</summary>
    public IWorkerGrain Worker { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="MemberRefusedException">One of both does not prove to be a member of the cluster.</exception>
    /// <exception cref="TimeoutException">Nobody answers.</exception>
    public static async Task<WorkerConnection> OpenAsync(ClusterSettings settings, Uri gateway, CancellationToken cancellation)
    {
        // Orleans goes on trying where the other end refuses: who is told why need not wait for the end of it.
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.UseOrleansClient(client => client.Speak(settings, gateway, words => refused.TrySetResult(words)));
        var host = builder.Build();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(settings.Patience);
        var starting = host.StartAsync(limit.Token);
        await Task.WhenAny(starting.WaitAsync(settings.Patience, cancellation), refused.Task).ConfigureAwait(false);
        if (starting.IsCompletedSuccessfully) return new WorkerConnection(host);
        await limit.CancelAsync().ConfigureAwait(false);
        _ = starting.ContinueWith(
            s =>
            {
                _ = s.Exception;
                host.Dispose();
            }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (refused.Task.IsCompletedSuccessfully) throw new MemberRefusedException(await refused.Task.ConfigureAwait(false));
        cancellation.ThrowIfCancellationRequested();
        if (starting.IsFaulted) await starting.ConfigureAwait(false);
        throw new TimeoutException();
    }

    public async ValueTask DisposeAsync()
    {
        // There may be nobody at the other end to say farewell to.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Task.Run(() => _host.StopAsync(limit.Token), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(_host.Dispose, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
