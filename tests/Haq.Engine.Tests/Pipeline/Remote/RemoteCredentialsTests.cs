using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>Who sees credentials, and which server is believed.</summary>
public sealed class RemoteCredentialsTests : IDisposable
{
    private const string Token = "t0psecret-t0psecret";
    private readonly RemoteWorld _world = new();
    private readonly CacheServer _server = new();

    public void Dispose()
    {
        _world.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void A_token_is_sent_as_bearer_and_a_user_as_basic()
    {
        Look(("HAQ_REMOTE_CACHE_TOKEN", Token));
        Look(("HAQ_REMOTE_CACHE_USER", "Aladdin"), ("HAQ_REMOTE_CACHE_PASSWORD", "open sesame"));
        Look();
        // The example of RFC 7617, section 2.
        Assert.Equal([$"Bearer {Token}", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", null], _server.Requests.Select(r => r.Headers.GetValueOrDefault("Authorization")));
    }

    [Fact]
    public void A_redirect_takes_no_credentials_to_another_server()
    {
        using var other = new CacheServer();
        _server.Fault = r => new(307) { Location = other.Address + r.Path };
        Assert.Null(Look(("HAQ_REMOTE_CACHE_TOKEN", Token)));
        Assert.NotNull(_server.Requests.Single().Headers.GetValueOrDefault("Authorization"));
        Assert.Null(other.Requests.Single().Headers.GetValueOrDefault("Authorization"));
    }

    [Fact]
    public void A_redirect_on_the_same_server_keeps_them()
    {
        _server.Fault = r => r.Path.StartsWith("/moved", StringComparison.Ordinal) ? null : new(307) { Location = "/moved" + r.Path };
        Assert.Null(Look(("HAQ_REMOTE_CACHE_TOKEN", Token)));
        Assert.All(_server.Requests, r => Assert.Equal($"Bearer {Token}", r.Headers.GetValueOrDefault("Authorization")));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public void No_message_holds_them()
    {
        _server.Fault = _ => new(401);
        string? warning = Look(("HAQ_REMOTE_CACHE_TOKEN", Token));
        Assert.Contains("401", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_helper_is_asked_as_bazel_asks()
    {
        string helper = Helper($$$"""
            #!/bin/sh
            [ "$1" = get ] || exit 3
            cat > "{{{_world["asked"]}}}"
            echo '{"expires": "2030-01-01T00:00:00Z", "headers": {"Authorization": ["Bearer {{{Token}}}"], "X-Team": ["a", "b"]}}'
            """);
        Assert.Null(Look(("HAQ_REMOTE_CACHE_HELPER", helper)));
        Assert.Matches($$"""^\{"uri":"http://localhost:{{_server.Port}}/ac/[0-9a-f]{64}"\}$""", File.ReadAllText(_world["asked"]).Replace("\\u002B", "+", StringComparison.Ordinal));
        var request = Assert.Single(_server.Requests);
        Assert.Equal($"Bearer {Token}", request.Headers["Authorization"]);
        Assert.Contains("b", request.Headers["X-Team"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_helper_is_asked_again_when_what_it_said_has_run_out()
    {
        string helper = Helper($$$"""
            #!/bin/sh
            echo x >> "{{{_world["count"]}}}"
            echo "{\"headers\": {\"Authorization\": [\"Bearer $(wc -l < "{{{_world["count"]}}}" | tr -d ' ')\"]}}"
            """);
        _server.Fault = r => r.Headers["Authorization"] == "Bearer 1" ? new(401) : null;
        Assert.Null(Look(("HAQ_REMOTE_CACHE_HELPER", helper)));
        Assert.Equal(["Bearer 1", "Bearer 2"], _server.Requests.Select(r => r.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("echo " + Token + " >&2; exit 4", "ended with exit status 4")]
    [InlineData("echo " + Token, "answered something else")]
    [InlineData("echo '{\"headers\": {\"A\": \"" + Token + "\"}}'", "answered something else")]
    [InlineData("printf %s '{\"headers\": {\"A\": [\"x\\u000ay\"]}}'", "a header that cannot be sent")]
    public void A_helper_that_fails_is_said_without_what_it_printed(string script, string said)
    {
        string? warning = Look(("HAQ_REMOTE_CACHE_HELPER", Helper("#!/bin/sh\n" + script + "\n")));
        Assert.Contains(said, warning, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, warning, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void A_helper_that_is_not_there_is_said() => Assert.Contains("cannot be started", Look(("HAQ_REMOTE_CACHE_HELPER", _world["nowhere"])), StringComparison.Ordinal);

    [Fact]
    public void A_server_with_an_unknown_certificate_is_believed_only_with_its_authority()
    {
        using var certificate = Certificate(purpose: null);
        using var secure = new CacheServer(certificate);
        Assert.Contains("certificate", Look(secure.Address), StringComparison.Ordinal);
        Assert.Empty(secure.Requests);
        Assert.Null(Look(secure.Address, ("HAQ_REMOTE_CACHE_CA", _world["ca.pem"])));
        Assert.Single(secure.Requests);
        // A right certificate for another name is no right one.
        string elsewhere = secure.Address.Replace("localhost", IPAddress.Loopback.ToString(), StringComparison.Ordinal);
        Assert.Contains("certificate", Look(elsewhere, ("HAQ_REMOTE_CACHE_CA", _world["ca.pem"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_for_people_makes_no_server()
    {
        // id-kp-clientAuth, RFC 5280, section 4.2.1.12.
        using var certificate = Certificate(purpose: "1.3.6.1.5.5.7.3.2");
        using var secure = new CacheServer(certificate);
        Assert.Contains("certificate", Look(secure.Address, ("HAQ_REMOTE_CACHE_CA", _world["ca.pem"])), StringComparison.Ordinal);
        Assert.Empty(secure.Requests);
    }

    // For this machine's name, signed by itself; without its key it is left in a file.
    private X509Certificate2 Certificate(string? purpose)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (purpose is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(_world["ca.pem"], made.ExportCertificatePem());
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    private string Helper(string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper of this test is a shell script.");
        string path = _world["helper.sh"];
        File.WriteAllText(path, script.ReplaceLineEndings("\n"), new UTF8Encoding(false));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private string? Look(params (string Name, string Value)[] variables) => Look(_server.Address, variables);

    // What is said after an entry was looked for.
    private string? Look(string address, params (string Name, string Value)[] variables)
    {
        var cache = _world.Machine(Guid.NewGuid().ToString("N"), RemoteWorld.Settings(address, variables));
        Assert.Null(cache.Find(RemoteWorld.Key("a")));
        return cache.Remote!.TakeWarning()?.Message;
    }
}
