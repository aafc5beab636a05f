using Haq.Engine.Tests.Pipeline.Remote;

namespace Haq.Build.Tests.Builds;

/// <summary>Whole builds with a cache that is shared: what one made another one takes, and a server that fails is no more than one warning.</summary>
public sealed class RemoteCacheBuildTests(PackageFeed feed)
{
    [Fact]
    public void A_clone_elsewhere_takes_what_a_build_sent_in_the_background()
    {
        using var server = new CacheServer();
        var first = New("first");
        Assert.Equal(0, first.Build("app", $"-p:HaqRemoteCache={server.Address}").Succeeded().Count("HAQ19"));
        // What waits was queued before the build ended, and leaves the queue when the server has it.
        WaitUntil(() => server.Content.Keys.Any(k => k.StartsWith("/ac/", StringComparison.Ordinal)) && !Directory.EnumerateFiles(Path.Combine(first.Cache, "uploads"), "*.queued").Any());
        Assert.All(server.Requests, r => Assert.DoesNotContain("Authorization", r.Headers.Keys));

        var second = New("somewhere-else");
        var built = second.Build("app", $"-p:HaqRemoteCache={server.Address}", "-p:HaqRemoteCacheMode=read").Succeeded();
        Assert.Contains("(from the cache)", built.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Model(first)), File.ReadAllBytes(Model(second)));
        Assert.False(Directory.Exists(Path.Combine(second.Cache, "uploads")));
    }

    // Were the sending process's output the build's, or had the build to wait for it, this would not end.
    [Fact]
    public async Task A_build_does_not_wait_for_what_it_sends()
    {
        using var server = new CacheServer { Fault = r => r.Method == "GET" ? null : CacheAnswer.Silence };
        var work = New("work");
        using var process = DotNet.Start("dotnet", work.PathOf("app"), work.Cache, ["build", "-tl:off"], [("HAQ_REMOTE_CACHE", server.Address), ("HAQ_REMOTE_CACHE_TIMEOUT", "600")]);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        WaitUntil(() => server.Requests.Any(r => r.Method == "HEAD"));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(work.Cache, "uploads"), "*.queued"));
    }

    [Fact]
    public void A_server_that_fails_is_one_warning_for_all_projects_of_a_build()
    {
        string address;
        using (var gone = new CacheServer()) address = gone.Address;
        var work = New("work");
        work.AddProject("other", items: """<ProjectReference Include="../app/app.csproj" />""");
        work.AddModel("other/More", seed: 2);

        var built = work.Build("other", "-m:1", $"-p:HaqRemoteCache={address}").Succeeded();
        Assert.Equal(2, built.EngineStarts);
        // MSBuild says each warning where it comes up and once more at the end.
        Assert.Equal(2, built.Count("warning HAQ"));
        Assert.Contains($"warning HAQ1960: the remote cache {address}/ is left aside in this build", built.Output, StringComparison.Ordinal);
        Assert.True(work.Has("other", "bin", "Debug", "net10.0", "More", "tiny.haq.onnx"));
        // It was of this build, and is not said again by one that has nothing to do.
        Assert.Equal(0, work.Build("other", "-m:1", $"-p:HaqRemoteCache={address}").Succeeded().Count("warning HAQ"));
    }

    private Workspace New(string name)
    {
        var work = new Workspace(feed, name);
        work.AddProject("app");
        work.AddModel("app/Models");
        return work;
    }

    private static string Model(Workspace work) => work.PathOf("app", "bin", "Debug", "net10.0", "Models", "tiny.haq.onnx");

    // Another process does it; a machine that is busy takes its time.
    private static void WaitUntil(Func<bool> isSo)
    {
        for (int i = 0; i < 2400 && !isSo(); i++) Thread.Sleep(50);
        Assert.True(isSo());
    }
}
