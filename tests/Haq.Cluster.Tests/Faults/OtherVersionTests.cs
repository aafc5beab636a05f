using System.Net;
using Haq.Cluster.Protocol;
using Haq.Cluster.Workers;

namespace Haq.Cluster.Tests.Faults;

/// <summary>Silos that say that they are another version or machine: the client and they refuse each other, with both named, and the result is the same without them.</summary>
public sealed class OtherVersionTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new("localhost", ("HAQ_CLUSTER_WAIT", "2"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public static TheoryData<string> Differences => ["version", "engine", "machine", "protocol"];

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task A_worker_of_another_kind_is_refused_with_both_named(string difference)
    {
        var here = WorkerIdentity.Here;
        var other = difference switch
        {
            "version" => here with { Version = "9.8.7" },
            "engine" => here with { Engine = new string('e', 64) },
            "machine" => here with { Machine = new string('d', 64), Class = "Linux; another processor" },
            _ => here with { Protocol = 99 },
        };
        var alone = _cluster.Build(withWorkers: false);
        using var end = new CancellationTokenSource();
        var joined = new TaskCompletionSource();
        var log = new Said();
        var options = new WorkerOptions { Threads = 1, Folder = _cluster["other"], Identity = other, Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        await using var service = new WorkerService(options, null, log) { Name = "other" };
        var host = new WorkerHost(_cluster.Settings, options, service, log) { Joined = _ => joined.TrySetResult() };
        var running = Task.Run(() => host.RunAsync(end.Token), TestContext.Current.CancellationToken);
        await joined.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        var built = _cluster.Build();
        built.Is(alone);
        string refusal = Assert.Single(built.Warnings, w => w.Descriptor.Code == "HAQ1970").Message;
        Assert.Contains("other", refusal, StringComparison.Ordinal);
        foreach (string part in difference switch
        {
            "version" => [here.Version, "9.8.7"],
            "engine" => [here.Engine[..12], "eeeeeeeeeeee"],
            "machine" => [here.Class, other.Class],
            _ => (string[])["protocol 1", "protocol 99"],
        })
        {
            Assert.Contains(part, refusal, StringComparison.Ordinal);
            Assert.Contains(log.Lines, l => l.Contains("a client was refused", StringComparison.Ordinal) && l.Contains(part, StringComparison.Ordinal));
        }
        Assert.Equal(0, service.Meter.Done);
        await end.CancelAsync();
        await running.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    private sealed class Said : IProgress<string>
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public void Report(string value)
        {
            lock (_lines) _lines.Add(value);
        }
    }
}
