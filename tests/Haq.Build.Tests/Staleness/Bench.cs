using Haq.Build.Protocol;
using Haq.Build.Tests.Builds;
using Haq.Engine.Diagnostics;
using Haq.Tool.BuildHost;

namespace Haq.Build.Tests.Staleness;

/// <summary>A project with a tiny model that the engine's host builds in this process, and what a build that nothing disturbed makes of the same files.</summary>
internal sealed class Bench : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("haq-stale").FullName;

    public Bench()
    {
        Project = Directory.CreateDirectory(Path.Combine(_root, "project")).FullName;
        Cache = Path.Combine(_root, "cache");
    }

    public string Project { get; }

    public string Cache { get; }

    public string Said { get; private set; } = "";

    public string this[string file] => Path.Combine(Project, file);

    public string Output(string name = "tiny.haq.onnx") => Path.Combine(Project, "obj", "haq", "out", name);

    public BuildState State => BuildState.Read(RequestFor(Project, Cache).StateFile)!;

    /// <summary>Why the next build would start the engine; null where it would not.</summary>
    public string? WhyStale => State.WhyStale("key", [this["haq.yaml"]], DateTime.UtcNow);

    /// <summary>Builds unless the state says that nothing changed, as the task does.</summary>
    /// <param name="during">Told of everything that the engine reports, while it works.</param>
    public ExitCode Build(Action<string>? during = null)
    {
        using var output = new StringWriter();
        var exit = Run(Project, Cache, during, output);
        Said = output.ToString();
        return exit;
    }

    /// <summary>The model that a build with neither state nor cache makes of the project's files as they are now.</summary>
    public byte[] Clean()
    {
        string copy = Directory.CreateDirectory(Path.Combine(_root, Path.GetRandomFileName())).FullName;
        foreach (string file in Directory.EnumerateFiles(Project, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(Project, file);
            if (relative.StartsWith("obj", StringComparison.Ordinal) || relative.EndsWith(".lock.json", StringComparison.Ordinal)) continue;
            string target = Path.Combine(copy, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
        using var output = new StringWriter();
        Assert.True(Run(copy, Path.Combine(copy, "cache"), null, output) == ExitCode.Ok, output.ToString());
        return File.ReadAllBytes(Path.Combine(copy, "obj", "haq", "out", "tiny.haq.onnx"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static ExitCode Run(string project, string cache, Action<string>? during, StringWriter output)
    {
        BuildModel build = (order, progress, cancellation) => PipelineBuild.Run(order, during is null ? progress : new Listener(during), cancellation);
        return new BuildSession(RequestFor(project, cache), build, output).Run(CancellationToken.None);
    }

    private static BuildRequest RequestFor(string project, string cache) => new()
    {
        ProjectDirectory = project, ObjectDirectory = Path.Combine(project, "obj", "haq"), ToolKey = "key", CacheDirectory = cache, Manifests = { Path.Combine(project, "haq.yaml") },
    };

    private sealed class Listener(Action<string> during) : IProgress<string>
    {
        public void Report(string value) => during(value);
    }
}
