
namespace Haq.Build.Tests.Builds;

/// <summary>Several target frameworks, projects and processes: the work is done once, and what one makes the others get.</summary>
public sealed class SeveralProjectsTests(PackageFeed feed)
{
    [Theory]
    [InlineData]
    [InlineData("-graph")]
    public void Several_target_frameworks_quantize_once(params string[] options)
    {
        var work = new Workspace(feed);
        work.AddProject("lib", "net8.0;net10.0");
        work.AddModel("lib/Models");

        var result = work.Build("lib", ["-m", .. options]).Succeeded();

        Assert.Equal(1, result.Count(options.Length == 0 ? "  Haq -> tiny.haq.onnx" : "  Haq: tiny.haq.onnx"));
        if (options.Length == 0) Assert.Equal(1, result.EngineStarts);
        foreach (string framework in (string[])["net8.0", "net10.0"]) Assert.True(work.Has("lib", "bin", "Debug", framework, "Models", "tiny.haq.onnx"));
    }

    [Fact]
    public void A_referenced_projects_model_reaches_the_application()
    {
        var work = new Workspace(feed);
        work.AddProject("lib");
        work.AddModel("lib/Models");
        work.AddProject("app", output: "Exe", items: """<ProjectReference Include="../lib/lib.csproj" />""");

        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.True(work.Has("app", "bin", "Debug", "net10.0", "Models", "tiny.haq.onnx"));

        work.Run("app", "publish", "-c", "Debug", "-o", work.PathOf("published")).Succeeded();
        Assert.True(work.Has("published", "Models", "tiny.haq.onnx"));
    }

    [Fact]
    public void Two_processes_at_once_build_one_model_in_peace()
    {
        var work = new Workspace(feed);
        foreach (string name in (string[])["one", "two"]) work.AddProject(name, items: """<HaqManifest Include="../models/haq.yaml" />""");
        work.AddModel("models");
        foreach (string name in (string[])["one", "two"]) work.Run(name, "restore").Succeeded();

        var results = new DotNetResult[2];
        Parallel.Invoke(
            () => results[0] = work.Build("one", "--no-restore"),
            () => results[1] = work.Build("two", "--no-restore"));

        Assert.All(results, result => Assert.Equal(1, result.Succeeded().EngineStarts));
        byte[][] models = [.. ((string[])["one", "two"]).Select(name => File.ReadAllBytes(work.PathOf(name, "bin", "Debug", "net10.0", "tiny.haq.onnx")))];
        Assert.Equal(models[0], models[1]);
    }
}
