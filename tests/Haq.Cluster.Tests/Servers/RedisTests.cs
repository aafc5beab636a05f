using System.Globalization;

namespace Haq.Cluster.Tests.Servers;

/// <summary>Workers that find each other in a real Redis, which keeps nothing when it is ended.</summary>
public sealed class RedisTests
{
    private static readonly string? s_redis = ServerProcess.Find("redis-server", "/usr/sbin", "/usr/local/sbin");

    [Fact]
    public async Task Redis_that_forgets_everybody_is_joined_again_and_the_result_is_the_same()
    {
        Assert.SkipWhen(s_redis is null, "redis-server is not installed");
        int port = ServerProcess.FreePort();
        var redis = Start(port);
        try
        {
            await using var cluster = new TestCluster(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}"));
            var alone = cluster.Build(withWorkers: false);
            var worker = cluster.Start();
            var built = cluster.Build();
            built.Is(alone);
            Assert.InRange(built.Pieces, 10, int.MaxValue);

            redis.Dispose();
            redis = Start(port);
            worker.WaitFor("joining again");
            worker.WaitFor("connected to the cluster", times: 2);
            built = cluster.Build();
            built.Is(alone);
            Assert.InRange(built.Pieces, 10, int.MaxValue);
        }
        finally
        {
            redis.Dispose();
        }
    }

    private static ServerProcess Start(int port) =>
        ServerProcess.Start(s_redis!, ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"], port);
}
