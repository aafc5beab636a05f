using System.Globalization;
using System.Net;
using Haq.Cluster.Membership;
using Haq.Cluster.Settings;
using Haq.Cluster.Workers;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;

namespace Haq.Tool;

/// <summary>A worker from its command line to its end, and what it says of itself.</summary>
internal static class WorkerRun
{
    private const double Gigabyte = 1e9;

    private static readonly TimeSpan s_report = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(WorkerRequest asked, RemoteSettings? cache, CancellationToken cancellation)
    {
        var settings = SettingsOf(asked.Cluster);
        var options = OptionsOf(asked);
        string name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");
        var log = new Relay<string>(text => Console.Error.WriteLine($"haq worker {name}: {text}"));
        using var export = WorkerExport.Begin(Environment.GetEnvironmentVariable);
        await using var service = new WorkerService(options, cache, log) { Name = name };
        Say(name, $"{options.Threads} thread{(options.Threads == 1 ? "" : "s")}; subjects in {options.Folder}, up to {asked.Limit} GB{(cache is null ? "" : $", data from {cache.Address}")}");
        var host = new WorkerHost(settings, options, service, log) { Joined = at => Say(name, $"connected to the cluster {settings.Said}, listening on {at}") };
        long said = 0;
        using (new Timer(_ => said = Report(name, service, said), null, s_report, s_report)) await host.RunAsync(cancellation);
        Say(name, $"ended after {service.Meter.Done} pieces of work, {service.Meter.Scored} batches");
    }

    public static async Task CreateTablesAsync(string? cluster, CancellationToken cancellation)
    {
        var settings = SettingsOf(cluster);
        await PostgresTables.CreateAsync(settings, cancellation);
        Console.WriteLine($"The tables are there: workers can join {settings.Said}.");
    }

    /// <summary>The cluster that is named.</summary>
    /// <exception cref="HaqException">None is, or a setting is wrong (HAQ0970).</exception>
    public static ClusterSettings SettingsOf(string? cluster) => ClusterSettings.Read(cluster, Environment.GetEnvironmentVariable)
        ?? throw Wrong($"no cluster is named. Give --cluster localhost, redis://HOST or postgres://HOST/DATABASE, or set {ClusterSettings.AddressVariable}.");

    private static WorkerOptions OptionsOf(WorkerRequest asked)
    {
        if (asked.Threads is < 1 or > 1024) throw Wrong($"--threads is {asked.Threads}. Expected 1 to 1024.");
        if (asked.Limit is not (> 0 and < 1e6)) throw Wrong($"--cache-limit is {asked.Limit}. Expected a number of gigabytes.");
        return new WorkerOptions
        {
            Threads = asked.Threads ?? Environment.ProcessorCount,
            Folder = asked.Folder ?? Path.Combine(StageCache.DefaultRoot, "worker"),
            Limit = (long)(asked.Limit * Gigabyte),
            Listen = asked.Listen ?? new IPEndPoint(IPAddress.Loopback, 0),
            Advertised = asked.Advertise,
        };
    }

    // Nothing where nothing happened.
    private static long Report(string name, WorkerService service, long before)
    {
        long done = service.Meter.Done;
        if (done == before && service.Meter.Running == 0) return done;
        Say(name, $"{service.Subjects} subject{(service.Subjects == 1 ? "" : "s")} of {service.Clients} client{(service.Clients == 1 ? "" : "s")}, {(done - before) / s_report.TotalSeconds:0.#} pieces of work/s, {service.Meter.Running} under way, {service.Meter.Queued} waiting");
        return done;
    }

    private static void Say(string name, FormattableString text) => Console.WriteLine($"haq worker {name}: {text.ToString(CultureInfo.InvariantCulture)}");

    private static HaqException Wrong(string message) => DiagnosticCatalog.ClusterInvalid.Error((SourceLocation?)null, message);
}
