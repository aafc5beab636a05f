using System.Globalization;
using System.Net;

namespace Haq.Cluster.Settings;

/// <summary>Where the members of a cluster find each other.</summary>
internal enum ClusterKind
{
    /// <summary>On this machine, in a file of the user's.</summary>
    Localhost,

    /// <summary>In Redis.</summary>
    Redis,

    /// <summary>In a database of PostgreSQL.</summary>
    Postgres,
}

/// <summary>The address of a cluster's membership; credentials are not part of it.</summary>
/// <param name="Kind">What keeps it.</param>
/// <param name="Host">The server.</param>
/// <param name="Port">Its port.</param>
/// <param name="Database">The number or name of the database there.</param>
/// <param name="IsEncrypted">The connection to the server uses TLS.</param>
internal sealed record ClusterAddress(ClusterKind Kind, string Host, int Port, string Database, bool IsEncrypted)
{
    private const string Expected = "Expected 'localhost', redis://HOST[:PORT][/NUMBER], rediss://… (TLS), postgres://HOST[:PORT]/DATABASE, or 'off'.";

    /// <summary>The server is this machine.</summary>
    public bool IsHere => Host == "localhost" || (IPAddress.TryParse(Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>The form in which it is written.</summary>
    public override string ToString() => Kind == ClusterKind.Localhost ? "localhost"
        : string.Create(CultureInfo.InvariantCulture, $"{(Kind == ClusterKind.Postgres ? "postgres" : IsEncrypted ? "rediss" : "redis")}://{Host}:{Port}/{Database}");

    /// <exception cref="Haq.Engine.Diagnostics.HaqException">It is no such address (HAQ0970).</exception>
    public static ClusterAddress Parse(string text)
    {
        if (text.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return new ClusterAddress(ClusterKind.Localhost, "localhost", 0, "", false);
        // The text may hold a password by mistake, so that no message repeats it.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0) throw ClusterSettings.Wrong($"the cluster's address cannot be read. {Expected}");
        if (address.UserInfo.Length > 0)
            throw ClusterSettings.Wrong("the cluster's address holds a user name or password, which would be seen in logs. Take them out of it, and set HAQ_CLUSTER_USER and HAQ_CLUSTER_PASSWORD.");
        if (address.Query.Length > 0 || address.Fragment.Length > 0) throw ClusterSettings.Wrong($"the cluster's address ends in '?…' or '#…'. {Expected}");
        string path = Uri.UnescapeDataString(address.AbsolutePath.Trim('/'));
        switch (address.Scheme)
        {
            case "redis" or "rediss":
                if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    throw ClusterSettings.Wrong($"'{path}' is no number of a database of Redis. {Expected}");
                return new ClusterAddress(ClusterKind.Redis, address.Host, address.Port > 0 ? address.Port : 6379, path.Length > 0 ? path : "0", address.Scheme == "rediss");
            case "postgres" or "postgresql":
                if (path.Length == 0 || path.Contains('/', StringComparison.Ordinal)) throw ClusterSettings.Wrong($"the cluster's address names no database. {Expected}");
                return new ClusterAddress(ClusterKind.Postgres, address.Host, address.Port > 0 ? address.Port : 5432, path, true);
            default:
                throw ClusterSettings.Wrong($"'{address.Scheme}://' is no kind of cluster. {Expected}");
        }
    }
}
