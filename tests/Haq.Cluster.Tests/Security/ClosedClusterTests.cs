using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
        using var authority = Authority("ours");
        Member(authority, "member");
        await using var cluster = new TestCluster("localhost", ("HAQ_CLUSTER_SECRET", Secret), ("HAQ_CLUSTER_CERTIFICATE", _folder["member.pem"]), ("HAQ_CLUSTER_KEY", _folder["member.key"]),
            ("HAQ_CLUSTER_CA", _folder["ours.pem"]));
        var alone = cluster.Build(withWorkers: false);
        cluster.Start();
        var built = cluster.Build();
        built.Is(alone);
        Assert.InRange(built.Pieces, 10, int.MaxValue);
        Assert.DoesNotContain(built.Warnings, w => w.Descriptor.Code == "HAQ1972");

        cluster.Environment["HAQ_CLUSTER_WAIT"] = "1";
        cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "2";
        cluster.Environment["HAQ_CLUSTER_SECRET"] = "another-0123456789abcdef";
        AssertAlone();
        cluster.Environment.Remove("HAQ_CLUSTER_SECRET");
        AssertAlone();

        // Signed by somebody else.
        cluster.Environment["HAQ_CLUSTER_SECRET"] = Secret;
        using var stranger = Authority("strangers");
        Member(stranger, "stranger");
        (cluster.Environment["HAQ_CLUSTER_CERTIFICATE"], cluster.Environment["HAQ_CLUSTER_KEY"]) = (_folder["stranger.pem"], _folder["stranger.key"]);
        AssertAlone();

        void AssertAlone()
        {
            var refused = cluster.Build();
            refused.Is(alone);
            Assert.Contains(refused.Warnings, w => w.Descriptor.Code == "HAQ1972");
        }
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

    private X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder[$"{name}.pem"], certificate.ExportCertificatePem());
        return certificate;
    }

    private void Member(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(20), [1, 2, 3, (byte)name.Length]);
        File.WriteAllText(_folder[$"{name}.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder[$"{name}.key"], key.ExportPkcs8PrivateKeyPem());
    }
}
