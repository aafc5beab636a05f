using System.Globalization;
using Haq.Cluster.Membership;
using Haq.Engine.Diagnostics;
using Haq.Engine.Tests;

namespace Haq.Cluster.Tests.Servers;

/// <summary>Workers that find each other in a real PostgreSQL, with the tables that haq makes.</summary>
public sealed class PostgresTests
{
    // It refuses to run as root.
    private const string Somebody = "nobody";

    private static readonly string? s_folder = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault() : null;

    [Fact]
    public async Task Workers_join_by_the_tables_that_haq_makes_and_the_result_is_the_same()
    {
        Assert.SkipWhen(s_folder is null, "PostgreSQL is not installed");
        Assert.SkipWhen(Environment.IsPrivilegedProcess && ServerProcess.Find("setpriv", "/usr/bin") is null, "setpriv is not there, and PostgreSQL does not run as root");
        using var folder = new TemporaryFolder();
        int port = ServerProcess.FreePort();
        var server = Start(folder.Path, port);
        string number = port.ToString(CultureInfo.InvariantCulture);
        ServerProcess.Run(Path.Combine(s_folder, "createdb"), "-h", "127.0.0.1", "-p", number, "-U", "haq", "haq");
        await using var cluster = new TestCluster($"postgres://127.0.0.1:{number}/haq", ("HAQ_CLUSTER_USER", "haq"));

        // Before there are tables, the worker says what to do.
        using (var early = WorkerProcess.Run(cluster.Environment, ["worker", "--cluster", cluster.Address, "--cache", cluster["early"]]))
        {
            string said = await early.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await early.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Contains("HAQ0973", said, StringComparison.Ordinal);
            Assert.Contains("--create-tables", said, StringComparison.Ordinal);
            Assert.NotEqual(0, early.ExitCode);
        }

        await PostgresTables.CreateAsync(cluster.Settings, TestContext.Current.CancellationToken);
        // Again changes nothing.
        await PostgresTables.CreateAsync(cluster.Settings, TestContext.Current.CancellationToken);
        var alone = cluster.Build(withWorkers: false);
        cluster.Start(2);
        var built = cluster.Build();
        built.Is(alone);
        Assert.InRange(built.Pieces, 10, int.MaxValue);

        // The server dies and is started again in the middle of a build.
        try
        {
            var isBack = new TaskCompletionSource();
            built = cluster.Build(onPiece: piece =>
            {
                if (piece == 4) server.Dispose();
                if (piece != 14) return;
                server = Serve(folder.Path, port);
                isBack.SetResult();
            });
            built.Is(alone);
            // Whoever told the piece may still be at it: the work was given to somebody else meanwhile.
            await isBack.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.InRange(built.Pieces, 14, int.MaxValue);
            cluster.Start();
            cluster.Build().Is(alone);
        }
        finally
        {
            server.Dispose();
        }
    }

    [Fact]
    public async Task Tables_are_for_PostgreSQL_alone_and_a_server_that_is_not_there_is_named()
    {
        await using var local = new TestCluster();
        var thrown = await Assert.ThrowsAsync<HaqException>(() => PostgresTables.CreateAsync(local.Settings, TestContext.Current.CancellationToken));
        Assert.Equal(DiagnosticCatalog.ClusterInvalid, thrown.Diagnostic.Descriptor);
        string address = string.Create(CultureInfo.InvariantCulture, $"postgres://127.0.0.1:{ServerProcess.FreePort()}/haq");
        await using var away = new TestCluster(address, ("HAQ_CLUSTER_PASSWORD", "hunter2hunter2"));
        thrown = await Assert.ThrowsAsync<HaqException>(() => PostgresTables.CreateAsync(away.Settings, TestContext.Current.CancellationToken));
        Assert.Equal(DiagnosticCatalog.ClusterUnreachable, thrown.Diagnostic.Descriptor);
        Assert.Contains(address, thrown.Diagnostic.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2hunter2", thrown.ToString(), StringComparison.Ordinal);
    }

    private static ServerProcess Start(string folder, int port)
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        if (Environment.IsPrivilegedProcess) ServerProcess.Run("chown", "-R", Somebody, folder);
        string[] make = [.. Before, Path.Combine(s_folder!, "initdb"), "-D", Path.Combine(folder, "data"), "-U", "haq", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"];
        ServerProcess.Run(make[0], make[1..]);
        return Serve(folder, port);
    }

    private static ServerProcess Serve(string folder, int port)
    {
        string data = Path.Combine(folder, "data"), number = port.ToString(CultureInfo.InvariantCulture);
        // Of one that was killed.
        File.Delete(Path.Combine(data, "postmaster.pid"));
        string[] serve = [.. Before, Path.Combine(s_folder!, "postgres"), "-D", data, "-h", "127.0.0.1", "-p", number, "-k", data, "-F"];
        return ServerProcess.Start(serve[0], serve[1..], port);
    }

    private static string[] Before => Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Somebody}", "--regid=nogroup", "--clear-groups"] : [];
}
