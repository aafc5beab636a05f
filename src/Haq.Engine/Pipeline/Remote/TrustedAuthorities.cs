using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>Certificate authorities that are trusted besides the system's, from a PEM file.</summary>
internal sealed class TrustedAuthorities
{
    /// <summary>The variable that names the file.</summary>
    public const string Variable = "HAQ_REMOTE_CACHE_CA";

    private readonly X509Certificate2Collection _certificates = [];

    /// <exception cref="Diagnostics.HaqException">The file cannot be read, or holds none (HAQ0960).</exception>
    public static TrustedAuthorities Load(string file)
    {
        var authorities = new TrustedAuthorities();
        try
        {
            authorities._certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw RemoteSettings.Wrong($"{Variable} names '{file}', which cannot be read: {e.Message}", e);
        }
        if (authorities._certificates.Count == 0) throw RemoteSettings.Wrong($"{Variable} names '{file}', which holds no certificate. Expected one or more in PEM form ('-----BEGIN CERTIFICATE-----').");
        return authorities;
    }

    /// <summary>Whether a server's certificate, which the system does not trust, comes from one of these. A wrong name or a missing certificate is never forgiven.</summary>
    public bool Accept(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_certificates);
        // For servers: the authority may have made certificates for people, too.
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        // An authority of one's own has no list of what it revoked that could be asked.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (sent is not null) foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(server);
    }
}
