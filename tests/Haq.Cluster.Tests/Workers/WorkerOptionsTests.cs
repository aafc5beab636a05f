using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Haq.Cluster.Tests.Workers;

/// <summary>What a real <c>haq worker</c> is told that cannot be: it says so at once, and does not start.</summary>
public sealed class WorkerOptionsTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData("--threads", "0", "Expected 1 to 1024")]
    [InlineData("--listen", "127.0.0.1", "and a port")]
    [InlineData("--listen", "192.0.2.1:7070", "nobody can listen")]
    [InlineData("--advertise", "no.such.host.invalid", "cannot be found")]
    [InlineData("--cache-limit", "0", "gigabytes")]
    public async Task Options_that_cannot_be_are_told(string option, string value, string told)
    {
        // The address of documents, which no machine has, is refused for the secret first.
        _cluster.Environment["HAQ_CLUSTER_SECRET"] = "of-the-tests-0123456789abcdef";
        await AssertRefusedAsync(told, option, value);
    }

    // On Linux both would get some of the connections.
    [Fact]
    public async Task Two_workers_do_not_share_a_port()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        int port = ((IPEndPoint)first.LocalEndpoint).Port;
        await AssertRefusedAsync("in use", "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        await AssertRefusedAsync("in use", "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port - 1}"));
    }

    [Fact]
    public void A_worker_on_IPv6_and_one_that_is_named_work_together()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "there is no IPv6 here");
        var alone = _cluster.Build(withWorkers: false);
        var six = _cluster.Start("--listen", string.Create(CultureInfo.InvariantCulture, $"[::1]:{Servers.ServerProcess.FreePort()}"));
        var built = _cluster.Build();
        built.Is(alone);
        Assert.DoesNotContain(built.Warnings, w => w.Descriptor.Code == "HAQ1972");
        var named = _cluster.Start("--listen", string.Create(CultureInfo.InvariantCulture, $"localhost:{Servers.ServerProcess.FreePort()}"), "--advertise", "localhost");
        Assert.Equal(0, six.Terminate());
        built = _cluster.Build();
        built.Is(alone);
        Assert.DoesNotContain(built.Warnings, w => w.Descriptor.Code == "HAQ1972");
        Assert.Equal(0, named.Terminate());
    }

    private async Task AssertRefusedAsync(string told, params string[] options)
    {
        using var process = WorkerProcess.Run(_cluster.Environment, ["worker", "--cluster", "localhost", "--cache", _cluster["refused"], .. options]);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await output;
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("HAQ0970", error, StringComparison.Ordinal);
        Assert.Contains(told, error, StringComparison.Ordinal);
    }
}
