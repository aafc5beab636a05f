using Haq.Engine.Diagnostics;
using Haq.Engine.Tests.Pipeline.Remote;

namespace Haq.Build.Tests.Commands;

[Collection(CommandCollection.Name)]
public sealed class RemoteCacheCommandTests(CommandFixture fixture)
{
    [Fact]
    public void Status_says_how_the_server_is()
    {
        using var server = new CacheServer();
        var json = ToolRun.Of("cache", "status", "--remote-cache", server.Address, "--json").Json();
        Assert.Equal($"{server.Address}/", json.GetProperty("address").GetString());
        Assert.True(json.GetProperty("reachable").GetBoolean());
        Assert.True(json.GetProperty("takesResults").GetBoolean());
        Assert.Equal("none", json.GetProperty("credentials").GetString());
        Assert.Equal(0, json.GetProperty("waiting").GetInt32());

        server.Fault = _ => new(401);
        var refused = ToolRun.Of("cache", "status", "--remote-cache", server.Address);
        Assert.Equal(ExitCode.CheckFailed, refused.Exit);
        Assert.Contains("asks for credentials (401)", refused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_server_there_is_nothing_to_say_or_send()
    {
        ToolRun.Of("cache", "status").Failed(ExitCode.Usage, "HAQ0960");
        ToolRun.Of("cache", "upload").Failed(ExitCode.Usage, "HAQ0960");
        ToolRun.Of("quantize", fixture.Built, "--remote-cache", "nowhere").Failed(ExitCode.Usage, "HAQ0960");
    }

    [Fact]
    public void Everything_here_is_sent_when_asked_for_and_another_cache_takes_it()
    {
        using var server = new CacheServer();
        string before = Environment.GetEnvironmentVariable("HAQ_CACHE")!, output = ToolRun.Of("cache", "upload", "--all", "--remote-cache", server.Address).Succeeded();
        Assert.Contains(" 0 dropped, 0 left", output, StringComparison.Ordinal);
        string clone = fixture.NewFolder("clone");
        Environment.SetEnvironmentVariable("HAQ_CACHE", before + "-of-another");
        try
        {
            var run = ToolRun.Of("quantize", clone, "--remote-cache", server.Address);
            run.Succeeded();
            Assert.DoesNotContain("warning HAQ19", run.Error, StringComparison.Ordinal);
            // Only what the result needs was fetched, and nothing was made.
            Assert.False(Directory.Exists(Path.Combine(before + "-of-another", "search")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("HAQ_CACHE", before);
        }
        Assert.Equal(File.ReadAllBytes(Path.Combine(fixture.Built, "tiny.haq.onnx")), File.ReadAllBytes(Path.Combine(clone, "tiny.haq.onnx")));
    }

    [Fact]
    public void What_cannot_be_sent_is_an_error_of_the_command_that_sends()
    {
        using var server = new CacheServer { Fault = r => r.Method == "PUT" ? new(507) : null };
        var run = ToolRun.Of("cache", "upload", "--all", "--remote-cache", server.Address);
        Assert.Equal(ExitCode.CheckFailed, run.Exit);
        Assert.Contains("error HAQ0961: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("full (507)", run.Error, StringComparison.Ordinal);
    }
}
