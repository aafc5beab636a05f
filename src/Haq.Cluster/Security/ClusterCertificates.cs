using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Haq.Cluster.Settings;

namespace Haq.Cluster.Security;

/// <summary>The certificate that this member shows, and the authority that every other member's has to be from.</summary>
internal sealed class ClusterCertificates
{
    private readonly X509Certificate2Collection _authorities;

    private ClusterCertificates(X509Certificate2 own, X509Certificate2Collection authorities) => (Own, _authorities) = (own, authorities);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>What the settings name; null where they name nothing, or an authority alone that the server's certificate is from.</summary>
    /// <param name="certificate">This member's.</param>
    /// <param name="key">Its private key.</param>
    /// <param name="authorities">Who signed it, and whatever else is to be trusted.</param>
    /// <param name="isServers">The list of members is on a server that shows a certificate too.</param>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">They are incomplete, or a file cannot be used (HAQ0970).</exception>
    public static ClusterCertificates? Read(string? certificate, string? key, string? authorities, bool isServers)
    {
        if (certificate is null && key is null && (authorities is null || isServers)) return null;
        if (certificate is null || key is null || authorities is null)
        {
            throw ClusterSettings.Wrong($"for TLS {ClusterSettings.CertificateVariable}, {ClusterSettings.KeyVariable} and {ClusterSettings.AuthoritiesVariable} are needed together: "
                + "PEM files of this member's certificate, its private key, and the authority that signed all of them.");
        }
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authorities);
            if (trusted.Count == 0) throw ClusterSettings.Wrong($"'{authorities}' ({ClusterSettings.AuthoritiesVariable}) holds no certificate in PEM form.");
            // Some systems' TLS takes no key that lives in memory alone.
            return new ClusterCertificates(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null), trusted);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw ClusterSettings.Wrong($"the certificate '{certificate}' with the key '{key}' and the authority '{authorities}' cannot be used: {ErrorWords.Of(e)}. Expected PEM files.", e);
        }
    }

    /// <summary>The certificate is in force and from the authority. Members are told by that and not by name: they have addresses that change.</summary>
    public bool Accepts(X509Certificate2 shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(shown);
    }
}
