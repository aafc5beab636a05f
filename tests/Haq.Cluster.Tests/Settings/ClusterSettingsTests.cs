using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;

namespace Haq.Cluster.Tests.Settings;

public sealed class ClusterSettingsTests
{
    private const string Secret = "0123456789abcdef-long-enough";

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("redis://queue", "redis://queue:6379/0")]
    [InlineData("rediss://queue:7000/3", "rediss://queue:7000/3")]
    [InlineData("postgres://db/haq", "postgres://db:5432/haq")]
    [InlineData("postgresql://db:9/haq", "postgres://db:9/haq")]
    public void Addresses_are_understood(string text, string said) => Assert.Equal(said, ClusterSettings.Read(text, _ => null)!.Said);

    [Fact]
    public void Without_an_address_there_is_no_cluster_and_an_argument_goes_before_the_variable()
    {
        Assert.Null(ClusterSettings.Read(null, _ => null));
        Assert.Null(ClusterSettings.Read("off", Of(("HAQ_CLUSTER", "localhost"))));
        Assert.Equal("localhost", ClusterSettings.Read("", Of(("HAQ_CLUSTER", "localhost")))!.Said);
    }

    [Theory]
    [InlineData("queue:6379", "HAQ_CLUSTER")]
    [InlineData("http://queue", "http://")]
    [InlineData("redis://queue/first", "first")]
    [InlineData("postgres://db", "database")]
    [InlineData("redis://queue?password=hunter2hunter2", "?")]
    [InlineData("redis://me:hunter2hunter2@queue", "HAQ_CLUSTER_PASSWORD")]
    public void What_is_wrong_is_said_and_no_password_repeated(string text, string told)
    {
        var thrown = Assert.Throws<HaqException>(() => ClusterSettings.Read(text, _ => null));
        Assert.Equal(DiagnosticCatalog.ClusterInvalid, thrown.Diagnostic.Descriptor);
        if (text.Contains("://", StringComparison.Ordinal)) Assert.Contains(told, thrown.Diagnostic.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2hunter2", thrown.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HAQ_CLUSTER_SECRET", "short")]
    [InlineData("HAQ_CLUSTER_NAME", "../up")]
    [InlineData("HAQ_CLUSTER_TIMEOUT", "soon")]
    [InlineData("HAQ_CLUSTER_TIMEOUT", "0")]
    [InlineData("HAQ_CLUSTER_WAIT", "-1")]
    [InlineData("HAQ_CLUSTER_CERTIFICATE", "alone.pem")]
    public void Settings_that_cannot_be_are_refused(string variable, string value)
    {
        var thrown = Assert.Throws<HaqException>(() => ClusterSettings.Read("localhost", Of((variable, value))));
        Assert.Contains(variable, thrown.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_of_the_environment_are_not_for_a_server_that_a_project_names()
    {
        Assert.Throws<HaqException>(() => ClusterSettings.Read("redis://stranger", Of(("HAQ_CLUSTER_SECRET", Secret)), isProjects: true));
        Assert.Throws<HaqException>(() => ClusterSettings.Read("redis://stranger", Of(("HAQ_CLUSTER", "redis://ours"), ("HAQ_CLUSTER_PASSWORD", Secret)), isProjects: true));
        Assert.NotNull(ClusterSettings.Read("redis://ours", Of(("HAQ_CLUSTER", "redis://ours:6379/0"), ("HAQ_CLUSTER_SECRET", Secret)), isProjects: true));
        Assert.NotNull(ClusterSettings.Read("redis://stranger", _ => null, isProjects: true));
    }

    [Fact]
    public void An_authority_alone_is_for_the_server_that_shows_a_certificate()
    {
        Assert.Equal("authority.pem", ClusterSettings.Read("rediss://queue", Of(("HAQ_CLUSTER_CA", "authority.pem")))!.AuthoritiesFile);
        Assert.Null(ClusterSettings.Read("postgres://db/haq", Of(("HAQ_CLUSTER_CA", "authority.pem")))!.Certificates);
        Assert.Throws<HaqException>(() => ClusterSettings.Read("redis://queue", Of(("HAQ_CLUSTER_CA", "authority.pem"))));
        Assert.Throws<HaqException>(() => ClusterSettings.Read("rediss://queue", Of(("HAQ_CLUSTER_CA", "authority.pem"), ("HAQ_CLUSTER_KEY", "member.key"))));
    }

    private static Func<string, string?> Of(params (string Name, string Value)[] variables) => name => variables.FirstOrDefault(v => v.Name == name).Value;
}
