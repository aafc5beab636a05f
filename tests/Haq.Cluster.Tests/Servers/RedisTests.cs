using System.Globalization;
using Haq.Cluster.Tests.Security;
using Haq.Engine.Tests;

namespace Haq.Cluster.Tests.Servers;

/// <summary>Workers that find each other in a real Redis, which keeps nothing when it is ended.</summary>
public sealed class RedisTests
{
    /// <summary>Where it is; null where it is not.</summary>
    internal static string? Program { get; } = ServerProcess.Find("redis-server", "/usr/sbin", "/usr/local/sbin");

    [Fact]
    public async Task Redis_that_forgets_everybody_is_joined_again_and_the_result_is_the_same()
    {
        Assert.SkipWhen(Program is null, "redis-server is not installed");
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

    [Fact]
    public async Task Redis_that_is_started_again_in_the_middle_of_a_build_with_its_data_disturbs_nobody()
    {
        Assert.SkipWhen(Program is null, "redis-server is not installed");
        using var folder = new TemporaryFolder();
        int port = ServerProcess.FreePort();
        var redis = Start(port, "--appendonly", "yes", "--dir", folder.Path);
        try
        {
            await using var cluster = new TestCluster(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}"));
            var alone = cluster.Build(withWorkers: false);
            var workers = cluster.Start(2);
            var isBack = new TaskCompletionSource();
            var built = cluster.Build(onPiece: piece =>
            {
                if (piece == 4) redis.Dispose();
                if (piece != 14) return;
                redis = Start(port, "--appendonly", "yes", "--dir", folder.Path);
                isBack.SetResult();
            });
            built.Is(alone);
            // Whoever told the piece may still be at it: the work was given to somebody else meanwhile.
            await isBack.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.InRange(built.Pieces, 14, int.MaxValue);
            // Those that were there are still known, and a new one finds them.
            cluster.Start();
            cluster.Build().Is(alone);
            foreach (var worker in workers) Assert.DoesNotContain("joining again", worker.Output, StringComparison.Ordinal);
        }
        finally
        {
            redis.Dispose();
        }
    }

    [Fact]
    public async Task Redis_with_a_password_is_joined_by_those_who_have_it_and_others_are_told_so()
    {
        Assert.SkipWhen(Program is null, "redis-server is not installed");
        int port = ServerProcess.FreePort();
        using var redis = Start(port, "--save", "", "--appendonly", "no", "--requirepass", "hunter2hunter2");
        await using var cluster = new TestCluster(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}"), ("HAQ_CLUSTER_PASSWORD", "hunter2hunter2"));
        var alone = cluster.Build(withWorkers: false);
        cluster.Start();
        var built = cluster.Build();
        built.Is(alone);
        Assert.InRange(built.Pieces, 10, int.MaxValue);

        cluster.Environment["HAQ_CLUSTER_PASSWORD"] = "swordfish";
        cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "4";
        using var stranger = WorkerProcess.Run(cluster.Environment, ["worker", "--cluster", cluster.Address, "--cache", cluster["stranger"]]);
        string said = await stranger.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await stranger.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, stranger.ExitCode);
        Assert.Contains("HAQ0973", said, StringComparison.Ordinal);
        Assert.Contains("HAQ_CLUSTER_PASSWORD", said, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_over_TLS_is_known_by_the_authority_that_is_named_and_gets_its_password()
    {
        Assert.SkipWhen(Program is null, "redis-server is not installed");
        using var folder = new TemporaryFolder();
        using var authority = new TestAuthority(folder, "ours");
        authority.Sign("server", "localhost");
        string number = ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        using var redis = ServerProcess.Start(
            Program, ["--bind", "127.0.0.1", "--port", "0", "--tls-port", number, "--tls-cert-file", folder["server.pem"], "--tls-key-file", folder["server.key"],
                "--tls-ca-cert-file", folder["ours.pem"], "--tls-auth-clients", "no", "--requirepass", "hunter2hunter2", "--save", ""], int.Parse(number, CultureInfo.InvariantCulture));
        await using var cluster = new TestCluster($"rediss://localhost:{number}", ("HAQ_CLUSTER_PASSWORD", "hunter2hunter2"), ("HAQ_CLUSTER_CA", folder["ours.pem"]));
        var alone = cluster.Build(withWorkers: false);
        cluster.Start();
        var built = cluster.Build();
        built.Is(alone);
        Assert.InRange(built.Pieces, 10, int.MaxValue);

        using var stranger = new TestAuthority(folder, "strangers");
        cluster.Environment["HAQ_CLUSTER_CA"] = folder["strangers.pem"];
        cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "4";
        using var doubting = WorkerProcess.Run(cluster.Environment, ["worker", "status", "--cluster", cluster.Address]);
        string said = await doubting.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await doubting.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("HAQ0973", said, StringComparison.Ordinal);
        Assert.Contains("HAQ_CLUSTER_CA", said, StringComparison.Ordinal);
    }

    /// <summary>Starts one; without more it keeps nothing.</summary>
    internal static ServerProcess Start(int port, params string[] how) =>
        ServerProcess.Start(Program!, ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), .. how is [] ? ["--save", "", "--appendonly", "no"] : how], port);
}
