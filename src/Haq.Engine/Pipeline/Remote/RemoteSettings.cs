using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>Where the shared cache is and how it is spoken to. It comes from the environment, or from whoever starts a build, never from a manifest.</summary>
public sealed class RemoteSettings
{
    /// <summary>The variable that names the server.</summary>
    public const string AddressVariable = "HAQ_REMOTE_CACHE";

    /// <summary>The variable that says whether anything is sent there.</summary>
    public const string ModeVariable = "HAQ_REMOTE_CACHE_MODE";

    private const string Off = "off";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private RemoteSettings(Uri address, bool isReadOnly, RemoteCredentials credentials) => (Address, IsReadOnly, Credentials) = (address, isReadOnly, credentials);

    /// <summary>The server, with the path below which <c>ac</c> and <c>cas</c> are; without credentials.</summary>
    public Uri Address { get; }

    /// <summary>Nothing is sent.</summary>
    public bool IsReadOnly { get; }

    /// <summary>For how long the server may keep one waiting: for a connection, for an answer to begin, for the next half megabyte a second of it.</summary>
    public TimeSpan Patience { get; private init; } = s_patience;

    /// <summary>How the server knows who asks, for people: <c>bearer</c>, <c>basic</c>, <c>helper</c> or <c>none</c>.</summary>
    public string CredentialKind => Credentials.Kind;

    /// <summary>Whether results are signed, and unsigned ones refused.</summary>
    public bool IsSigned => Secret is not null;

    /// <summary>Twelve digits that tell servers apart in names of files.</summary>
    internal string Mark => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Address.AbsoluteUri)))[..12];

    internal RemoteCredentials Credentials { get; }

    internal byte[]? Secret { get; private init; }

    internal TrustedAuthorities? Authorities { get; private init; }

    /// <summary>What the environment and the arguments say.</summary>
    /// <param name="address">The server, in place of the environment's; null or empty leaves the choice to that.</param>
    /// <param name="mode">Whether anything is sent, in place of the environment's.</param>
    /// <param name="read">Reads a variable of the environment.</param>
    /// <returns>The settings; null where there is no shared cache.</returns>
    /// <exception cref="HaqException">A setting is wrong (HAQ0960).</exception>
    public static RemoteSettings? Read(string? address, string? mode, Func<string, string?> read) => Read(address, mode, read, isProjects: false);

    /// <inheritdoc cref="Read(string?, string?, Func{string, string?})"/>
    /// <param name="address">The server, in place of the environment's; null or empty leaves the choice to that.</param>
    /// <param name="mode">Whether anything is sent, in place of the environment's.</param>
    /// <param name="read">Reads a variable of the environment.</param>
    /// <param name="isProjects">A project says the address, and may be a stranger's: a token in the environment is not for whomever it names.</param>
    public static RemoteSettings? Read(string? address, string? mode, Func<string, string?> read, bool isProjects)
    {
        ArgumentNullException.ThrowIfNull(read);
        string text = (Given(address) ?? Given(read(AddressVariable)) ?? Off).Trim();
        if (text.Equals(Off, StringComparison.OrdinalIgnoreCase)) return null;
        var server = AddressOf(text);
        var credentials = RemoteCredentials.Read(server, read, isProjects && Given(address) is not null && !IsSameServer(Given(read(AddressVariable)), server));
        return new RemoteSettings(server, IsReading(Given(mode) ?? Given(read(ModeVariable))), credentials)
        {
            Patience = PatienceOf(Given(read("HAQ_REMOTE_CACHE_TIMEOUT"))),
            Secret = Given(read("HAQ_REMOTE_CACHE_SECRET")) is { } secret ? Encoding.UTF8.GetBytes(secret) : null,
            Authorities = Given(read(TrustedAuthorities.Variable)) is { } file ? TrustedAuthorities.Load(file) : null,
        };
    }

    internal static HaqException Wrong(string message, Exception? cause = null) => DiagnosticCatalog.RemoteCacheInvalid.Error((SourceLocation?)null, message, cause);

    internal static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static bool IsSameServer(string? named, Uri server) => Uri.TryCreate(named?.Trim(), UriKind.Absolute, out var other) && IsSameServer(other, server);

    internal static bool IsSameServer(Uri one, Uri other) => Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    // The address may hold a password by mistake, so that no message repeats it.
    private static Uri AddressOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            throw Wrong($"{AddressVariable} (or HaqRemoteCache, --remote-cache) is no address of a server. Expected http://HOST[:PORT][/PATH], https://… or 'off'.");
        if (address.UserInfo.Length > 0)
            throw Wrong($"the address of the remote cache holds a user name or password, which would be seen in logs. Take them out of it, and set {RemoteCredentials.UserVariable} and {RemoteCredentials.PasswordVariable}.");
        if (address.Query.Length > 0 || address.Fragment.Length > 0) throw Wrong("the address of the remote cache ends in '?…' or '#…'. It has to end with the path below which 'ac' and 'cas' are.");
        return new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
    }

    private static bool IsReading(string? mode) => mode?.Trim().ToLowerInvariant() switch
    {
        null or "readwrite" => false,
        "read" => true,
        _ => throw Wrong($"{ModeVariable} (or HaqRemoteCacheMode) is '{mode}'. Expected 'read' or 'readwrite'."),
    };

    private static TimeSpan PatienceOf(string? seconds)
    {
        if (seconds is null) return s_patience;
        if (double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0.1 and <= 600) return TimeSpan.FromSeconds(number);
        throw Wrong($"HAQ_REMOTE_CACHE_TIMEOUT is '{seconds}'. Expected a number of seconds, 0.1 to 600.");
    }
}
