using System.Globalization;
using System.Net;
using Haq.Cluster.Protocol;
using Haq.Cluster.Tests.Servers;

namespace Haq.Cluster.Tests.Faults;

/// <summary>The network to a real worker is cut in the middle of a build, so that nobody is told: its work is done elsewhere, and after the cut it is used again.</summary>
public sealed class CutNetworkTests : IAsyncLifetime
{
    private static readonly IPAddress s_outside = IPAddress.Parse("127.0.0.2");

    private readonly TestCluster _cluster = new("localhost", ("HAQ_CLUSTER_TIMEOUT", "4"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_worker_behind_a_cut_network_is_left_aside_and_used_again_when_it_is_mended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has 127.0.0.2 from the beginning");
        var alone = _cluster.Build(withWorkers: false);
        int port = FreePair();
        await using var wire = new CutWire(s_outside, IPAddress.Loopback, port);
        var behind = _cluster.Start("--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--advertise", "127.0.0.2");
        _cluster.Start();
        // Answers take their time, so that the other one has not done everything before the silence is noticed.
        var built = _cluster.Build(
            onPiece: piece =>
            {
                if (piece == 6) wire.Cut();
            },
            through: worker => new MeddledWorker(worker) { Changed = Late });
        built.Is(alone);
        Assert.Contains(built.Warnings, w => w.Descriptor.Code == "HAQ1971" && w.Message.Contains("does not answer", StringComparison.Ordinal));

        wire.Mend();
        var again = _cluster.Build();
        again.Is(alone);
        Assert.DoesNotContain(again.Warnings, w => w.Descriptor.Code == "HAQ1972");
        Assert.Equal(0, behind.Terminate());
    }

    private static WorkAnswer Late(WorkAnswer answer)
    {
        Thread.Sleep(200);
        return answer;
    }

    // Two ports side by side that nobody has.
    private static int FreePair()
    {
        while (true)
        {
            int port = ServerProcess.FreePort();
            if (port >= IPEndPoint.MaxPort - 1) continue;
            try
            {
                using var next = new System.Net.Sockets.TcpListener(IPAddress.Loopback, port + 1);
                next.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Somebody has that one.
            }
        }
    }
}
