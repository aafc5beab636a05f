using System.Net;
using Haq.Cluster;
using Haq.Cluster.Clients;
using Haq.Cluster.Membership;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Haq.Dashboard;

/// <summary>A silo that does no work and is no gateway, so that no client gives it any, with the pages of Orleans' dashboard and of the workers' queues.</summary>
internal sealed class DashboardHost(ClusterSettings settings, SiloPlace place, WebDoor door, Action<string> say)
{
    // While it ends, pages that are open are not waited for longer.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5), s_retry = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _complaints = new(StringComparer.Ordinal);

    /// <summary>Shows the cluster until it is asked to end.</summary>
    /// <exception cref="HaqException">The cluster cannot be joined (HAQ0973), or the silo would be open to everybody (HAQ0971).</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        place.RequireClosed(settings);
        place.RequireFree();
        for (bool isFirst = true; !cancellation.IsCancellationRequested; isFirst = false)
        {
            try
            {
                await ShowAsync(isFirst, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (!isFirst && e is not OperationCanceledException)
            {
                say($"the cluster {settings.Said} cannot be joined again: {ErrorWords.Of(e)}. Trying on");
            }
            catch (Exception e) when (e is not OperationCanceledException and not HaqException)
            {
                throw DiagnosticCatalog.ClusterUnreachable.Error((SourceLocation?)null,
                    $"the cluster {settings.Said} cannot be watched at {door.At}: {ErrorWords.Of(e)}. {ClusterHint.For(settings)} Is the port free?", e);
            }
            if (!cancellation.IsCancellationRequested) await Task.Delay(s_retry, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ShowAsync(bool isFirst, CancellationToken cancellation)
    {
        var outage = new Outage();
        await using var app = Build(outage);
        await app.StartAsync(cancellation).ConfigureAwait(false);
        string at = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        if (isFirst) say($"watching the cluster {settings.Said}: {at}/ is Orleans' dashboard, {at}/workers the workers' queues");
        using (var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            var gone = new OwnRow(app.Services, Complain).GoneAsync(outage, watching.Token);
            await Task.WhenAny(gone, outage.Happened).ConfigureAwait(false);
            await watching.CancelAsync().ConfigureAwait(false);
            await gone.ConfigureAwait(false);
        }
        if (!cancellation.IsCancellationRequested) say($"the cluster gave the dashboard up ({outage.Why}); joining again");
        using var limit = new CancellationTokenSource(s_farewell);
        await app.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private WebApplication Build(Outage outage)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "haq-dashboard" });
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(door.At, listening =>
        {
            if (door.Certificate is { } certificate) listening.UseHttps(certificate);
        }));
        builder.Services.AddRouting();
        // A page of another site, whose name leads to this machine, is kept out where no password does that.
        if (!door.IsLocked) builder.Services.Configure<HostFilteringOptions>(options => options.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Services.AddSingleton(new WorkerWatch(settings));
        builder.Services.AddSingleton<WorkerHistory>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerHistory>());
        builder.UseOrleans(Silo);
        builder.Services.AddSingleton<IFatalErrorHandler>(outage);
        var app = builder.Build();
        if (!door.IsLocked) app.UseHostFiltering();
        app.Use(async (context, next) =>
        {
            if (door.Admits(context.Request.Headers.Authorization))
            {
                await next(context);
                return;
            }
            context.Response.StatusCode = (int)HttpStatusCode.Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"haq\", charset=\"UTF-8\"";
        });
        app.Use(new WorkerSilos(app.Services.GetRequiredService<WorkerHistory>()).AnswerAsync);
        app.UseRouting();
        WorkerPages.Map(app, settings.Said, app.Services.GetRequiredService<WorkerWatch>());
        app.MapOrleansDashboard();
        return app;
    }

    private void Silo(ISiloBuilder silo)
    {
        silo.Join(settings, Complain);
        silo.Configure<SiloOptions>(options => options.SiloName = $"dashboard/{Environment.MachineName}/{Environment.ProcessId}");
        silo.Configure<EndpointOptions>(options =>
        {
            var at = place.Ports().Silo;
            (options.AdvertisedIPAddress, options.SiloPort, options.SiloListeningEndpoint, options.GatewayPort) = (place.Advertised(), at.Port, at, 0);
        });
        silo.AddDashboard(options => options.HideTrace = true);
        // Workers have no profiler to be turned on.
        silo.Services.Configure<GrainProfilerOptions>(options => options.TraceAlways = true);
    }

    private void Complain(string words)
    {
        lock (_complaints)
            if (_complaints.Count >= 100 || !_complaints.Add(words)) return;
        say(words);
    }
}
