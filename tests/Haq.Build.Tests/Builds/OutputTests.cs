
namespace Haq.Build.Tests.Builds;

/// <summary>What a build left, in obj and in bin: where it belongs, and still what was built.</summary>
public sealed class OutputTests(PackageFeed feed)
{
    [Fact]
    public void A_damaged_output_is_made_good_wherever_it_lies()
    {
        var work = new Workspace(feed);
        work.AddProject("app", output: "Exe");
        work.AddModel("app/Models");
        string built = work.PathOf("app", "obj", "haq", "out", "Models", "tiny.haq.onnx"), copied = work.PathOf("app", "bin", "Debug", "net10.0", "Models", "tiny.haq.onnx");
        work.Build("app").Succeeded();
        byte[] good = File.ReadAllBytes(built);
        var time = File.GetLastWriteTimeUtc(built);

        // Cut short.
        foreach (string file in (string[])[built, copied]) File.WriteAllBytes(file, good[..100]);
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.Equal(good, File.ReadAllBytes(built));
        Assert.Equal(good, File.ReadAllBytes(copied));

        // Altered with the size and the time kept.
        byte[] altered = [.. good];
        altered[good.Length / 2] ^= 1;
        File.WriteAllBytes(built, altered);
        File.SetLastWriteTimeUtc(built, time);
        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.Equal(good, File.ReadAllBytes(built));

        // The copy alone, in a time to come: no reason to start the engine, and none to keep it.
        File.WriteAllBytes(copied, good[..100]);
        File.SetLastWriteTimeUtc(copied, DateTime.UtcNow.AddDays(1));
        Assert.Equal(0, work.Build("app").Succeeded().EngineStarts);
        Assert.Equal(good, File.ReadAllBytes(copied));
    }

    [Fact]
    public void An_output_keeps_the_folder_that_the_manifest_gives_it()
    {
        var work = new Workspace(feed);
        work.AddProject("app");
        work.AddModel("app/Models", TinyModel.Manifest + "output: small/net.onnx\n");
        work.Write("app/Models/other.haq.yaml", TinyModel.Manifest.Replace("weights: 4", "weights: 6", StringComparison.Ordinal) + "output: large/net.onnx\n");

        work.Build("app").Succeeded();

        byte[] Read(string folder) => File.ReadAllBytes(work.PathOf("app", "bin", "Debug", "net10.0", "Models", folder, "net.onnx"));
        Assert.NotEqual(Read("small"), Read("large"));
        Assert.True(work.Has("app", "bin", "Debug", "net10.0", "Models", "small", "net.report.html"));
        Assert.Equal(0, work.Build("app").Succeeded().EngineStarts);
    }

    [Fact]
    public void An_application_whose_model_hides_its_librarys_is_told_both_paths()
    {
        var work = new Workspace(feed);
        work.AddProject("lib");
        work.AddModel("lib/Models");
        work.AddProject("app", output: "Exe", items: """<ProjectReference Include="../lib/lib.csproj" />""");
        work.AddModel("app/Models", seed: 2);

        string said = work.Build("app").Succeeded().Output;

        string warning = said.Split('\n').First(line => line.Contains("warning HAQ1881", StringComparison.Ordinal) && line.Contains("tiny.haq.onnx", StringComparison.Ordinal));
        foreach (string project in (string[])["lib", "app"])
            Assert.Contains(work.PathOf(project, "obj", "haq", "out", "Models", "tiny.haq.onnx"), warning, StringComparison.Ordinal);
        Assert.Contains(work.PathOf("app", "Models", "haq.yaml") + " : warning", warning.Replace("yaml: ", "yaml : ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(work.PathOf("app", "obj", "haq", "out", "Models", "tiny.haq.onnx")),
            File.ReadAllBytes(work.PathOf("app", "bin", "Debug", "net10.0", "Models", "tiny.haq.onnx")));
    }
}
