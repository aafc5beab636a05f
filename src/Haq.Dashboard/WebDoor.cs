using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Haq.Cluster;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;

namespace Haq.Dashboard;

/// <summary>Where the pages are and who may see them.</summary>
internal sealed class WebDoor
{
    internal const string PasswordVariable = "HAQ_DASHBOARD_PASSWORD", CertificateVariable = "HAQ_DASHBOARD_CERTIFICATE", KeyVariable = "HAQ_DASHBOARD_KEY";

    private const string User = "haq";
    private const int ShortestPassword = 16;

    private readonly byte[]? _credentials;

    private WebDoor(IPEndPoint at, byte[]? credentials, X509Certificate2? certificate) => (At, _credentials, Certificate) = (at, credentials, certificate);

    /// <summary>Where they are.</summary>
    public IPEndPoint At { get; }

    /// <summary>For HTTPS; null for HTTP.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>A password is asked for.</summary>
    public bool IsLocked => _credentials is not null;

    /// <exception cref="HaqException">A setting is wrong (HAQ0970), or the pages would be open to everybody (HAQ0971).</exception>
    public static WebDoor Read(IPEndPoint at, Func<string, string?> read)
    {
        string? password = ClusterSettings.Given(read(PasswordVariable));
        string? certificate = ClusterSettings.Given(read(CertificateVariable)), key = ClusterSettings.Given(read(KeyVariable));
        if (password is { Length: < ShortestPassword })
            throw ClusterSettings.Wrong($"{PasswordVariable} has {password.Length} characters. Expected {ShortestPassword} or more, as 'openssl rand -hex 16' makes them.");
        if (certificate is null != key is null) throw ClusterSettings.Wrong($"{CertificateVariable} and {KeyVariable} are needed together: PEM files of a certificate and its private key.");
        if (!IPAddress.IsLoopback(at.Address) && (password is null || certificate is null))
        {
            throw DiagnosticCatalog.ClusterOpen.Error((SourceLocation?)null,
                $"a dashboard that listens on {at.Address} could be seen by everybody who reaches it. Set {PasswordVariable}, {CertificateVariable} and {KeyVariable}; "
                + "or listen on 127.0.0.1 and put a reverse proxy on this machine before it.");
        }
        return new WebDoor(at, password is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes($"{User}:{password}")), certificate is null ? null : Load(certificate, key!));
    }

    /// <summary>Whether whoever sent this header may come in.</summary>
    public bool Admits(string? authorization)
    {
        if (_credentials is null) return true;
        const string Scheme = "Basic ";
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true) return false;
        byte[] shown = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[Scheme.Length..].Trim(), shown, out int count)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(shown.AsSpan(0, count)), _credentials);
    }

    private static X509Certificate2 Load(string certificate, string key)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            // Some systems' TLS takes no key that lives in memory alone.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw ClusterSettings.Wrong($"the certificate '{certificate}' with the key '{key}' cannot be used: {ErrorWords.Of(e)}. Expected PEM files.", e);
        }
    }
}
