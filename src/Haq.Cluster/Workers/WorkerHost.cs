using System.Net;
using Haq.Cluster.Membership;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Haq.Cluster.Workers;

/// <summary>The silo of a worker. One that the others gave up, because it stood still or the network was cut, joins again by itself; what it has open stays open.</summary>
internal sealed class WorkerHost(ClusterSettings settings, WorkerOptions options, WorkerService service, IProgress<string> log)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private const int MostComplaints = 100;

    private readonly SiloPlace _place = new(options.Listen, options.Advertised);
    private readonly HashSet<string> _complaints = new(StringComparer.Ordinal);

    /// <summary>Told where the silo and its gateway listen, each time that it joined.</summary>
    public Action<IPEndPoint>? Joined { get; init; }

    /// <summary>Works until it is asked to end.</summary>
    /// <exception cref="HaqException">The cluster cannot be joined (HAQ0973), or the worker would be open to everybody (HAQ0971).</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _place.RequireClosed(settings);
        _place.RequireFree();
        for (bool isFirst = true; !cancellation.IsCancellationRequested; isFirst = false)
        {
            try
            {
                await JoinAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (!isFirst && e is not OperationCanceledException)
            {
                log.Report($"the cluster {settings.Said} cannot be joined again: {ErrorWords.Of(e)}. Trying on");
            }
            catch (Exception e) when (e is not OperationCanceledException and not HaqException)
            {
                throw DiagnosticCatalog.ClusterUnreachable.Error((SourceLocation?)null, $"the cluster {settings.Said} cannot be joined: {ErrorWords.Of(e)}. {ClusterHint.For(settings)}", e);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            if (!cancellation.IsCancellationRequested) await Task.Delay(s_retry, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task JoinAsync(CancellationToken cancellation)
    {
        var (silo, gateway) = _place.Ports();
        var outage = new Outage();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        Configure(builder, silo, gateway, outage);
        var host = builder.Build();
        Task ending;
        try
        {
            await WorkAsync(host, gateway, outage, cancellation).ConfigureAwait(false);
        }
        finally
        {
            // A silo that was forgotten takes minutes to give up its row, which is not there: the next one does not wait for it.
            ending = Task.Run(() => EndAsync(host), CancellationToken.None);
        }
        if (cancellation.IsCancellationRequested) await ending.ConfigureAwait(false);
    }

    private async Task WorkAsync(IHost host, IPEndPoint gateway, Outage outage, CancellationToken cancellation)
    {
        await host.StartAsync(cancellation).ConfigureAwait(false);
        Joined?.Invoke(gateway);
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var ended = new TaskCompletionSource();
        using (cancellation.Register(() => ended.TrySetResult()))
        using (stopping.Register(() => ended.TrySetResult()))
        using (var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            var forgotten = new OwnRow(host.Services, Complain).GoneAsync(outage, watching.Token);
            await Task.WhenAny(ended.Task, outage.Happened, forgotten).ConfigureAwait(false);
            await watching.CancelAsync().ConfigureAwait(false);
            await forgotten.ConfigureAwait(false);
        }
        if (cancellation.IsCancellationRequested)
        {
            await service.LeaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            log.Report($"the cluster gave this worker up ({outage.Why ?? "it was asked to end"}); joining again");
        }
    }

    private async Task EndAsync(IHost host)
    {
        using (host)
        {
            using var limit = new CancellationTokenSource(settings.Patience);
            await host.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Configure(HostApplicationBuilder builder, IPEndPoint silo, IPEndPoint gateway, Outage outage)
    {
        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Logging.AddProvider(new OrleansLog(log));
        builder.UseOrleans(orleans =>
        {
            orleans.Join(settings, Complain);
            orleans.Services.AddSingleton<IFatalErrorHandler>(outage);
            orleans.Configure<SiloOptions>(o => o.SiloName = service.Name);
            orleans.Configure<EndpointOptions>(o =>
            {
                (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (_place.Advertised(), silo.Port, gateway.Port);
                (o.SiloListeningEndpoint, o.GatewayListeningEndpoint) = (silo, gateway);
            });
        });
    }

    // Each once, as whoever is refused tries again and again; and not without end.
    private void Complain(string words)
    {
        lock (_complaints)
            if (_complaints.Count >= MostComplaints || !_complaints.Add(words)) return;
        log.Report(words);
    }
}
