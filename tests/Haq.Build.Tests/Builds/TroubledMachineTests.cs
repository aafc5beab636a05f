using Haq.Engine.Pipeline.Running;

namespace Haq.Build.Tests.Builds;

/// <summary>Whole builds on a machine that is not as it should be: they succeed, or say which file or folder it is and what to do.</summary>
public sealed class TroubledMachineTests(PackageFeed feed)
{
    [Fact]
    public void A_folder_where_a_file_of_the_cache_should_be_is_made_good_or_named()
    {
        var work = NewProject();
        work.Build("app").Succeeded();
        byte[] model = File.ReadAllBytes(Model(work));
        string[] files = Directory.GetFiles(work.Cache, "*", SearchOption.AllDirectories), locks = [.. files.Where(f => f.EndsWith(".lock", StringComparison.Ordinal))];
        string[] entries = [.. files.Except(locks).Where(f => Path.GetDirectoryName(f) != work.Cache)];
        Assert.InRange(entries.Length, 5, int.MaxValue);
        Assert.NotEmpty(locks);
        Array.ForEach(entries, ReplaceByFolder);
        Forget(work);

        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);
        Assert.Equal(model, File.ReadAllBytes(Model(work)));

        // A lock is no result, so that nothing takes its place.
        Array.ForEach(locks, ReplaceByFolder);
        Array.ForEach(Directory.GetFiles(work.Cache, "contents.sha256", SearchOption.AllDirectories), File.Delete);
        Forget(work);
        string error = Error(work.Build("app"));
        Assert.Contains(".lock' is a folder where a file should be: remove it, or choose another folder with HAQ_CACHE.", error, StringComparison.Ordinal);
        Array.ForEach(locks, Directory.Delete);
        work.Build("app").Succeeded();
    }

    [Fact]
    public void A_file_where_the_cache_should_be_is_an_error_that_names_it()
    {
        var work = NewProject();
        File.WriteAllText(work.Cache, "not a folder");

        Assert.Contains($"'{work.Cache}' is a file where a folder should be: remove it", Error(work.Build("app")), StringComparison.Ordinal);
        File.Delete(work.Cache);
        work.Build("app").Succeeded();
    }

    [Fact]
    public async Task The_cache_is_cleared_again_and_again_while_builds_fill_it()
    {
        var work = NewProject();
        work.Run("app", "restore").Succeeded();
        var cache = new StageCache(work.Cache);
        using var stop = new CancellationTokenSource();
        int removed = 0;
        var clearing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) removed += cache.Prune(0).Count;
        });
        try
        {
            for (int build = 0; build < 3; build++)
            {
                Forget(work);
                work.Build("app", "--no-restore").Succeeded();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await clearing;
        }
        removed += cache.Prune(0).Count;
        Assert.InRange(removed, 1, int.MaxValue);
        Assert.True(File.Exists(Model(work)));
    }

    private static string Model(Workspace work) => work.PathOf("app", "bin", "Debug", "net10.0", "Models", "tiny.haq.onnx");

    private static string Error(DotNetResult failed)
    {
        string error = failed.Failed().Output.Split('\n').First(l => l.Contains("error HAQ", StringComparison.Ordinal));
        Assert.Contains("error HAQ0801: ", error, StringComparison.Ordinal);
        return error;
    }

    private static void ReplaceByFolder(string file)
    {
        File.Delete(file);
        Directory.CreateDirectory(file);
    }

    // Everything that would keep the engine from being started.
    private static void Forget(Workspace work)
    {
        foreach (string folder in (string[])["bin", "obj/haq"])
            if (Directory.Exists(work.PathOf("app", folder))) Directory.Delete(work.PathOf("app", folder), recursive: true);
        File.Delete(work.PathOf("app", "Models", "haq.lock.json"));
    }

    private Workspace NewProject()
    {
        var work = new Workspace(feed);
        work.AddProject("app", output: "Exe");
        work.AddModel("app/Models");
        return work;
    }
}
