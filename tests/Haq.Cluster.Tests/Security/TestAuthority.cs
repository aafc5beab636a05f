using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Haq.Engine.Tests;

namespace Haq.Cluster.Tests.Security;

/// <summary>Signs certificates for one test, as openssl does; what it makes lies in a folder as PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly X509Certificate2 _certificate;

    /// <summary>Its own certificate is NAME.pem.</summary>
    public TestAuthority(TemporaryFolder folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(folder[$"{name}.pem"], _certificate.ExportCertificatePem());
    }

    /// <summary>Makes NAME.pem and NAME.key.</summary>
    /// <param name="name">Whose they are.</param>
    /// <param name="host">The name that it answers to; null for none.</param>
    public void Sign(string name, string? host = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }
        using var certificate = request.Create(_certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(20), [1, 2, 3, (byte)name.Length]);
        File.WriteAllText(_folder[$"{name}.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder[$"{name}.key"], key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _certificate.Dispose();
}
