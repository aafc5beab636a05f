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
    public static async Task<WorkerConnection> OpenAsync(ClusterSettings settings, Uri gateway, CancellationToken cancellation)
    {
        string? complaint = null;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.UseOrleansClient(client => client.Speak(settings, gateway, words => complaint ??= words));
        var host = builder.Build();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(settings.Patience);
            await host.StartAsync(limit.Token).WaitAsync(settings.Patience, cancellation).ConfigureAwait(false);
            return new WorkerConnection(host);
        }
        catch (Exception e)
        {
            host.Dispose();
            if (complaint is null) throw;
            throw new MemberRefusedException(complaint, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // There may be nobody at the other end to say farewell to.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Task.Run(() => _host.StopAsync(limit.Token), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(_host.Dispose, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
