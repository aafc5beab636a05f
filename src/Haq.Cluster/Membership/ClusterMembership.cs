using System.Globalization;
using Haq.Cluster.Security;
using Haq.Cluster.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Messaging;
using StackExchange.Redis;

namespace Haq.Cluster.Membership;

/// <summary>Tells Orleans where members find each other and how they trust each other.</summary>
internal static class ClusterMembership
{
    private const string Service = "haq", PostgresInvariant = "Npgsql";

    /// <summary>How often a member writes that it is alive.</summary>
    internal static TimeSpan AliveEvery { get; } = TimeSpan.FromSeconds(5);

    /// <summary>For a silo. Of members that cannot prove to be some, <paramref name="complain"/> is told.</summary>
    public static void Join(this ISiloBuilder silo, ClusterSettings settings, Action<string> complain)
    {
        silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (Service, settings.Name));
        // Whoever is silent for some rounds of this does not keep others from joining.
        silo.Configure<ClusterMembershipOptions>(options => (options.IAmAliveTablePublishTimeout, options.DefunctSiloExpiration) = (AliveEvery, TimeSpan.FromDays(1)));
        switch (settings.Address.Kind)
        {
            case ClusterKind.Localhost:
                silo.Services.AddSingleton<IMembershipTable>(new FileMembership(new MemberFile(settings.MembershipFile)));
                break;
            case ClusterKind.Redis:
                silo.UseRedisClustering(options => options.ConfigurationOptions = Redis(settings));
                break;
            default:
                silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (PostgresInvariant, Postgres(settings)));
                break;
        }
        if (settings.Certificates is { } certificates) silo.UseTls(options => Use(options, certificates, complain));
        if (settings.Secret is not { } secret) return;
        var handshake = new SecretHandshake(secret, settings.Patience, complain);
        silo.Configure<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloInboundConnection(handshake.OnInbound);
            options.ConfigureGatewayInboundConnection(handshake.OnInbound);
            options.ConfigureSiloOutboundConnection(handshake.OnOutbound);
        });
    }

    /// <summary>For a client that asks where gateways are.</summary>
    public static void Look(this IClientBuilder client, ClusterSettings settings)
    {
        client.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (Service, settings.Name));
        switch (settings.Address.Kind)
        {
            case ClusterKind.Localhost:
                client.Services.AddSingleton<IGatewayListProvider>(new FileMembership(new MemberFile(settings.MembershipFile)));
                break;
            case ClusterKind.Redis:
                client.UseRedisClustering(options => options.ConfigurationOptions = Redis(settings));
                break;
            default:
                client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (PostgresInvariant, Postgres(settings)));
                break;
        }
    }

    /// <summary>For a client that speaks to one worker. Where one of them cannot prove to be a member, <paramref name="complain"/> is told.</summary>
    public static void Speak(this IClientBuilder client, ClusterSettings settings, Uri gateway, Action<string> complain)
    {
        client.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (Service, settings.Name));
        client.UseStaticClustering(options => options.Gateways.Add(gateway));
        client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = settings.Patience);
        client.Configure<ConnectionOptions>(options => options.OpenConnectionTimeout = settings.Patience);
        if (settings.Certificates is { } certificates) client.UseTls(options => Use(options, certificates, complain));
        if (settings.Secret is { } secret) client.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(new SecretHandshake(secret, settings.Patience, complain).OnOutbound));
    }

    /// <summary>How Redis is reached. A server that is away for a while is waited for.</summary>
    internal static ConfigurationOptions Redis(ClusterSettings settings)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { { settings.Address.Host, settings.Address.Port } },
            DefaultDatabase = int.Parse(settings.Address.Database, CultureInfo.InvariantCulture),
            Ssl = settings.Address.IsEncrypted,
            User = settings.User,
            Password = settings.Password,
            AbortOnConnectFail = false,
            ConnectTimeout = (int)settings.Patience.TotalMilliseconds,
            ClientName = "haq",
        };
        if (options.Ssl && settings.AuthoritiesFile is { } authorities) options.TrustIssuer(authorities);
        return options;
    }

    /// <summary>How PostgreSQL is reached.</summary>
    internal static string Postgres(ClusterSettings settings) => new NpgsqlConnectionStringBuilder
    {
        Host = settings.Address.Host,
        Port = settings.Address.Port,
        Database = settings.Address.Database,
        Username = settings.User,
        Password = settings.Password,
        ApplicationName = "haq",
        // A password goes to nobody but the server that is named, unless the user says that the network is trusted.
        SslMode = settings.Address.IsHere || settings.AllowsPlaintext || settings.Password is null ? SslMode.Prefer : SslMode.VerifyFull,
        RootCertificate = settings.AuthoritiesFile,
        Timeout = Math.Max(1, (int)settings.Patience.TotalSeconds),
    }.ConnectionString;

    private static void Use(TlsOptions options, ClusterCertificates certificates, Action<string> complain)
    {
        options.LocalCertificate = certificates.Own;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) =>
        {
            if (certificate is not null && certificates.Accepts(certificate)) return true;
            complain(certificate is null ? $"a member showed no certificate, as {ClusterSettings.CertificateVariable} names it"
                : $"the certificate '{certificate.Subject}' of a member is not from the authority that {ClusterSettings.AuthoritiesVariable} names, or not in force");
            return false;
        };
        options.OnAuthenticateAsClient = (_, sslOptions) => sslOptions.TargetHost = Service;
    }
}
