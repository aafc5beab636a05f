using Haq.Engine.Tests;

namespace Haq.Cluster.Tests.Security;

/// <summary>Real workers with a secret and certificates: who has them is worked for, who has not is not.</summary>
public sealed class ClosedClusterTests : IDisposable
{
    private const string Secret = "of-the-tests-0123456789abcdef";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_secret_and_certificates_the_result_is_the_same_and_without_them_nobody_is_worked_for()
    {
        using var authority = new TestAuthority(_folder, "ours");
        authority.Sign("member");
        await using var cluster = new TestCluster("localhost", ("HAQ_CLUSTER_SECRET", Secret), ("HAQ_CLUSTER_CERTIFICATE", _folder["member.pem"]), ("HAQ_CLUSTER_KEY", _folder["member.key"]),
            ("HAQ_CLUSTER_CA", _folder["ours.pem"]));
        var alone = cluster.Build(withWorkers: false);
        var worker = cluster.Start();
        var built = cluster.Build();
        built.Is(alone);
        Assert.InRange(built.Pieces, 10, int.MaxValue);
        Assert.DoesNotContain(built.Warnings, w => w.Descriptor.Code == "HAQ1972");

        cluster.Environment["HAQ_CLUSTER_WAIT"] = "15";
        cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "2";
        cluster.Environment["HAQ_CLUSTER_SECRET"] = "another-0123456789abcdef";
        AssertAlone("another HAQ_CLUSTER_SECRET");
        worker.WaitFor("another HAQ_CLUSTER_SECRET");
        cluster.Environment["HAQ_CLUSTER_WAIT"] = "1";
        cluster.Environment.Remove("HAQ_CLUSTER_SECRET");
        AssertAlone();

        // Signed by somebody else.
        cluster.Environment["HAQ_CLUSTER_SECRET"] = Secret;
        using var stranger = new TestAuthority(_folder, "strangers");
        stranger.Sign("stranger");
        (cluster.Environment["HAQ_CLUSTER_CERTIFICATE"], cluster.Environment["HAQ_CLUSTER_KEY"]) = (_folder["stranger.pem"], _folder["stranger.key"]);
        AssertAlone();
        worker.WaitFor("'CN=stranger'");

        void AssertAlone(string told = "")
        {
            var refused = cluster.Build();
            refused.Is(alone);
            Assert.Contains(refused.Warnings, w => w.Descriptor.Code == "HAQ1972");
            if (told.Length > 0) Assert.Contains(refused.Warnings, w => w.Descriptor.Code == "HAQ1971" && w.Message.Contains(told, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_key_that_is_not_the_certificates_is_told()
    {
        using var authority = new TestAuthority(_folder, "ours");
        authority.Sign("member");
        authority.Sign("another one");
        await using var cluster = new TestCluster("localhost", ("HAQ_CLUSTER_CERTIFICATE", _folder["member.pem"]), ("HAQ_CLUSTER_KEY", _folder["another one.key"]),
            ("HAQ_CLUSTER_CA", _folder["ours.pem"]));
        var thrown = Assert.Throws<Haq.Engine.Diagnostics.HaqException>(() => cluster.Settings);
        Assert.Equal(Haq.Engine.Diagnostics.DiagnosticCatalog.ClusterInvalid, thrown.Diagnostic.Descriptor);
        Assert.Contains("another one.key", thrown.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_everybody_could_reach_does_not_start()
    {
        await using var cluster = new TestCluster();
        using var open = WorkerProcess.Run(cluster.Environment, ["worker", "--cluster", "localhost", "--listen", "0.0.0.0:41234", "--cache", cluster["open"]]);
        string said = await open.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await open.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, open.ExitCode);
        Assert.Contains("HAQ0971", said, StringComparison.Ordinal);
        Assert.Contains("HAQ_CLUSTER_SECRET", said, StringComparison.Ordinal);
    }
}
