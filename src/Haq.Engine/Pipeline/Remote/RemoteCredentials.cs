using System.Net.Http.Headers;
using System.Text;

namespace Haq.Engine.Pipeline.Remote;

/// <summary>What tells the server who asks: a token, a user and a password, or what a credential helper says. From the environment alone; no message and no log holds it.</summary>
internal sealed class RemoteCredentials
{
    public const string UserVariable = "HAQ_REMOTE_CACHE_USER";
    public const string PasswordVariable = "HAQ_REMOTE_CACHE_PASSWORD";
    private const string TokenVariable = "HAQ_REMOTE_CACHE_TOKEN";
    private const string HelperVariable = "HAQ_REMOTE_CACHE_HELPER";
    private const string InsecureVariable = "HAQ_REMOTE_CACHE_INSECURE";

    private readonly CredentialHelper? _helper;
    private (string Name, string Value)[]? _headers;

    private RemoteCredentials(string kind, (string Name, string Value)[]? headers, CredentialHelper? helper) => (Kind, _headers, _helper) = (kind, headers, helper);

    public string Kind { get; }

    /// <param name="server">Whom they are for.</param>
    /// <param name="read">Reads a variable of the environment.</param>
    /// <param name="isNamedElsewhere">A project names the server, and the environment names another one or none.</param>
    /// <exception cref="Diagnostics.HaqException">They contradict each other, or would come to somebody whom they are not for (HAQ0960).</exception>
    public static RemoteCredentials Read(Uri server, Func<string, string?> read, bool isNamedElsewhere)
    {
        string? token = RemoteSettings.Given(read(TokenVariable)), user = RemoteSettings.Given(read(UserVariable)), helper = RemoteSettings.Given(read(HelperVariable));
        string password = read(PasswordVariable) ?? "";
        if (new[] { token, user, helper }.Count(c => c is not null) > 1) throw RemoteSettings.Wrong($"{TokenVariable}, {UserVariable} and {HelperVariable} exclude each other: set one of them.");
        if (user is null && password.Length > 0) throw RemoteSettings.Wrong($"{PasswordVariable} is set, and {UserVariable} is not.");
        var credentials = token is not null ? new RemoteCredentials("bearer", [Authorization($"Bearer {token.Trim()}", TokenVariable)], null)
            : user is not null ? new RemoteCredentials("basic", [Authorization("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")), UserVariable)], null)
            : helper is not null ? new RemoteCredentials("helper", null, new CredentialHelper(helper))
            : new RemoteCredentials("none", [], null);
        if (isNamedElsewhere && credentials.Kind is ("bearer" or "basic"))
        {
            throw RemoteSettings.Wrong($"the project names '{server.GetLeftPart(UriPartial.Authority)}' as remote cache, and credentials in the environment go only to the server that {RemoteSettings.AddressVariable} names. "
                + $"If they are for that server, set {RemoteSettings.AddressVariable} to it as well; a helper ({HelperVariable}) decides for itself.");
        }
        bool exposed = credentials.Kind != "none" && server.Scheme == "http" && !server.IsLoopback;
        if (exposed && RemoteSettings.Given(read(InsecureVariable))?.ToLowerInvariant() is not ("1" or "true"))
            throw RemoteSettings.Wrong($"credentials would travel to '{server.Host}' unencrypted. Use https://, or, inside of a network where nobody listens, set {InsecureVariable}=true.");
        return credentials;
    }

    /// <summary>Has the helper say them, unless they are known.</summary>
    /// <exception cref="RemoteFailure">The helper gives none.</exception>
    public async Task KnowAsync(Uri address, CancellationToken cancellation) => _headers ??= await _helper!.GetAsync(address, cancellation).ConfigureAwait(false);

    /// <summary>Puts them into a request to the server.</summary>
    public void AddTo(HttpRequestMessage request)
    {
        foreach (var (name, value) in _headers ?? []) request.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>Forgets what the helper said, which may have run out.</summary>
    /// <returns>Whether it can be asked again.</returns>
    public bool Renew()
    {
        if (_helper is null) return false;
        _headers = null;
        return true;
    }

    // A line break in a secret would end the header.
    private static (string Name, string Value) Authorization(string value, string variable) =>
        AuthenticationHeaderValue.TryParse(value, out _) && !value.AsSpan().ContainsAny('\r', '\n')
            ? ("Authorization", value)
            : throw RemoteSettings.Wrong($"{variable} holds something that no header can carry, such as a line break.");
}
