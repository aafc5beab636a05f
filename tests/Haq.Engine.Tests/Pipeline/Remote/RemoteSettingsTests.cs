using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Engine.Tests.Pipeline.Remote;

public sealed class RemoteSettingsTests
{
    private const string Secret = "hunter2hunter2";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("off")]
    [InlineData("Off")]
    public void Without_an_address_there_is_none(string? address) => Assert.Null(RemoteSettings.Read(null, null, name => name == RemoteSettings.AddressVariable ? address : null));

    [Fact]
    public void What_is_asked_for_goes_before_the_environment()
    {
        string? Read(string name) => name switch { RemoteSettings.AddressVariable => "https://one.example/cache", RemoteSettings.ModeVariable => "read", _ => null };
        var settings = RemoteSettings.Read(null, null, Read)!;
        Assert.Equal("https://one.example/cache/", settings.Address.AbsoluteUri);
        Assert.True(settings.IsReadOnly);
        Assert.Equal("https://two.example/", RemoteSettings.Read("https://two.example", "readwrite", Read)!.Address.AbsoluteUri);
        Assert.Null(RemoteSettings.Read("off", null, Read));
    }

    [Theory]
    [InlineData("server", "is no address of a server")]
    [InlineData("ftp://server", "is no address of a server")]
    [InlineData("https://server/?key=1", "ends in")]
    [InlineData($"https://user:{Secret}@server/", "would be seen in logs")]
    public void A_wrong_address_is_an_error_that_does_not_repeat_it(string address, string said)
    {
        var error = Assert.Throws<HaqException>(() => RemoteSettings.Read(address, null, _ => null));
        Assert.Equal("HAQ0960", error.Diagnostic.Descriptor.Code);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HAQ_REMOTE_CACHE_MODE", "write", "Expected 'read' or 'readwrite'")]
    [InlineData("HAQ_REMOTE_CACHE_TIMEOUT", "soon", "Expected a number of seconds")]
    [InlineData("HAQ_REMOTE_CACHE_TIMEOUT", "0", "Expected a number of seconds")]
    [InlineData("HAQ_REMOTE_CACHE_CA", "/nowhere/ca.pem", "cannot be read")]
    [InlineData("HAQ_REMOTE_CACHE_PASSWORD", Secret, "HAQ_REMOTE_CACHE_USER is not")]
    [InlineData("HAQ_REMOTE_CACHE_TOKEN", Secret + "\nX: y", "no header can carry")]
    public void A_wrong_setting_is_an_error_that_says_what_is_expected(string name, string value, string said)
    {
        var error = Assert.Throws<HaqException>(() => RemoteWorld.Settings("https://server", (name, value)));
        Assert.Equal("HAQ0960", error.Diagnostic.Descriptor.Code);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_kinds_of_credentials_exclude_each_other() =>
        Assert.Throws<HaqException>(() => RemoteWorld.Settings("https://server", ("HAQ_REMOTE_CACHE_TOKEN", Secret), ("HAQ_REMOTE_CACHE_USER", "u")));

    [Fact]
    public void Credentials_of_the_environment_are_not_for_a_server_that_a_project_names()
    {
        RemoteSettings? Read(string project, string? named) =>
            RemoteSettings.Read(project, null, n => n switch { "HAQ_REMOTE_CACHE" => named, "HAQ_REMOTE_CACHE_TOKEN" => Secret, _ => null }, isProjects: true);
        foreach (string? named in (string?[])[null, "https://ours.example:8443/", "http://ours.example", "off"])
        {
            var error = Assert.Throws<HaqException>(() => Read("https://ours.example/cache", named));
            Assert.Contains("go only to the server that HAQ_REMOTE_CACHE names", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal("bearer", Read("https://ours.example/cache", "https://ours.example")!.CredentialKind);
        Assert.Equal("helper", RemoteSettings.Read("https://theirs.example", null, n => n == "HAQ_REMOTE_CACHE_HELPER" ? "helper" : null, isProjects: true)!.CredentialKind);
    }

    [Fact]
    public void Credentials_do_not_travel_unencrypted_unless_that_is_asked_for()
    {
        Assert.Contains("unencrypted", Assert.Throws<HaqException>(() => RemoteWorld.Settings("http://server", ("HAQ_REMOTE_CACHE_TOKEN", Secret))).Message, StringComparison.Ordinal);
        Assert.Equal("bearer", RemoteWorld.Settings("http://server", ("HAQ_REMOTE_CACHE_TOKEN", Secret), ("HAQ_REMOTE_CACHE_INSECURE", "true")).CredentialKind);
        Assert.Equal("basic", RemoteWorld.Settings("http://127.0.0.1:1", ("HAQ_REMOTE_CACHE_USER", "u"), ("HAQ_REMOTE_CACHE_PASSWORD", Secret)).CredentialKind);
    }
}
