
namespace Haq.Build.Tests.Builds;

/// <summary>One project through its life: what starts the engine, what does not, and what arrives where.</summary>
public sealed class SingleProjectTests(PackageFeed feed)
{
    private static readonly string[] s_out = ["app", "bin", "Debug", "net10.0", "Models"];

    [Fact]
    public void The_engine_runs_when_something_changed_and_only_then()
    {
        var work = NewProject();

        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.True(work.Has([.. s_out, "tiny.haq.onnx"]));
        Assert.True(work.Has([.. s_out, "tiny.haq.report.html"]));
        var copied = File.GetLastWriteTimeUtc(work.PathOf([.. s_out, "tiny.haq.onnx"]));

        Assert.Equal(0, work.Build("app").Succeeded().EngineStarts);
        Assert.Equal(0, work.Build("app", "-c", "Release").Succeeded().EngineStarts);
        Assert.True(work.Has("app", "bin", "Release", "net10.0", "Models", "tiny.haq.onnx"));

        // Touched, not changed: the engine looks, and writes nothing.
        File.SetLastWriteTimeUtc(work.PathOf("app", "Models", "tiny.onnx"), DateTime.UnixEpoch);
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.Equal(copied, File.GetLastWriteTimeUtc(work.PathOf([.. s_out, "tiny.haq.onnx"])));

        File.Delete(work.PathOf("app", "obj", "haq", "out", "Models", "tiny.haq.onnx"));
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.True(work.Has("app", "obj", "haq", "out", "Models", "tiny.haq.onnx"));

        // Another model under an older date.
        byte[] before = File.ReadAllBytes(work.PathOf([.. s_out, "tiny.haq.onnx"]));
        TinyModel.Write(work.PathOf("app", "Models"), seed: 2);
        File.SetLastWriteTimeUtc(work.PathOf("app", "Models", "tiny.onnx"), DateTime.UnixEpoch);
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.NotEqual(before, File.ReadAllBytes(work.PathOf([.. s_out, "tiny.haq.onnx"])));

        // Another name: the former output goes.
        work.Write("app/Models/haq.yaml", TinyModel.Manifest + "output: small.onnx\n");
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.True(work.Has([.. s_out, "small.onnx"]));
        Assert.False(work.Has([.. s_out, "tiny.haq.onnx"]));

        work.Run("app", "clean").Succeeded();
        Assert.False(Directory.Exists(work.PathOf("app", "obj", "haq")));
        Assert.False(work.Has([.. s_out, "small.onnx"]));
    }

    [Fact]
    public void Only_a_real_build_starts_the_engine()
    {
        var work = NewProject();

        Assert.Equal(0, work.Build("app", "-p:DesignTimeBuild=true").Succeeded().EngineStarts);
        Assert.Equal(0, work.Build("app", "-p:HaqEnabled=false").Succeeded().EngineStarts);
        Assert.False(work.Has([.. s_out, "tiny.haq.onnx"]));
        Assert.Equal(0, work.Build("app", "-p:EnableDefaultHaqItems=false").Succeeded().EngineStarts);

        Assert.Equal(1, work.Build("app", "-p:HaqCopyReportToOutput=false").Succeeded().EngineStarts);
        Assert.True(work.Has([.. s_out, "tiny.haq.onnx"]));
        Assert.False(work.Has([.. s_out, "tiny.haq.report.html"]));

        string published = work.PathOf("published");
        Assert.Equal(0, work.Run("app", "publish", "--no-build", "-c", "Debug", "-v:n", "-o", published).Succeeded().EngineStarts);
        Assert.True(File.Exists(Path.Combine(published, "Models", "tiny.haq.onnx")));
        Directory.Delete(published, recursive: true);
        work.Run("app", "publish", "-c", "Debug", "-o", published).Succeeded();
        Assert.True(File.Exists(Path.Combine(published, "Models", "tiny.haq.onnx")));
    }

    [Fact]
    public void An_error_names_file_line_and_column_once()
    {
        var work = NewProject();
        work.Write("app/Models/haq.yaml", TinyModel.Manifest + "bitz: 4\n");

        var result = work.Run("app", "build", "-v:q").Failed();

        string file = work.PathOf("app", "Models", "haq.yaml");
        int line = TinyModel.Manifest.Split('\n').Length;
        // The logger says every error twice, where it happens and at the end.
        string error = Assert.Single(result.Output.Split('\n').Where(l => l.Contains(": error ", StringComparison.Ordinal)).Select(l => l.Trim()).Distinct());
        Assert.StartsWith($"{file}({line},1): error HAQ0002: ", error, StringComparison.Ordinal);
        Assert.False(work.Has([.. s_out, "tiny.haq.onnx"]));
        Assert.False(work.Has("app", "obj", "haq", "haq.state"));
    }

    [Fact]
    public void Odd_characters_in_paths_do_no_harm()
    {
        var work = new Workspace(feed, "we ird @ü (1)");
        work.AddProject("app");
        work.AddModel("app/Mo dels; é");
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.True(work.Has("app", "bin", "Debug", "net10.0", "Mo dels; é", "tiny.haq.onnx"));
        Assert.Equal(0, work.Build("app").Succeeded().EngineStarts);
    }

    private Workspace NewProject()
    {
        var work = new Workspace(feed);
        work.AddProject("app", output: "Exe");
        work.AddModel("app/Models");
        return work;
    }
}
