using Haq.Build.Protocol;
using Haq.Build.Tests.Builds;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;
using Haq.Tool.BuildHost;

namespace Haq.Build.Reliability;

/// <summary>A project with a tiny model whose build takes every stage, a search among them, in its own folder with its own cache.</summary>
internal sealed class TrialProject : IDisposable
{
    /// <summary>A budget that neither of the two widths meets everywhere.</summary>
    public const string Manifest = """
        model: tiny.onnx
        hardware: bismo-edge
        budget: {latency: 0.95x}
        bits: {weights: [4, 8], activations: 8}
        data: {calibration: images.npy}
        search: {strategy: knapsack, seed: 1, samples: 32}

        """;

    /// <summary>A search of so many policies that none ends while a test looks at it.</summary>
    public const string Endless = """
        model: tiny.onnx
        hardware: bismo-edge
        budget: {latency: 0.7x}
        data: {calibration: images.npy}
        search: {strategy: ddpg, episodes: 1000000, time-limit: 600 min}

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("haq-trial").FullName;

    public TrialProject(string manifest = Manifest, string? cache = null, string? objects = null)
    {
        Folder = Directory.CreateDirectory(Path.Combine(_root, "project")).FullName;
        Cache = cache ?? Path.Combine(_root, "cache");
        Objects = objects ?? Path.Combine(Folder, "obj", "haq");
        File.WriteAllText(this["haq.yaml"], manifest);
        TinyModel.Write(Folder, seed: 1);
    }

    public string Folder { get; }

    public string Cache { get; }

    public string Objects { get; }

    public string this[string name] => Path.Combine(Folder, name);

    public string Output => Path.Combine(Objects, "out", "tiny.haq.onnx");

    public BuildRequest Request => new() { ProjectDirectory = Folder, ObjectDirectory = Objects, ToolKey = "trial", CacheDirectory = Cache, Manifests = { this["haq.yaml"] } };

    /// <summary>A build in this process, unless the state of the last one says that nothing changed: what the task and the engine do together.</summary>
    /// <returns>Whether the engine was needed.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public bool Build(Action<string>? during = null)
    {
        var request = Request;
        if (BuildState.Read(request.StateFile)?.WhyStale(request.ToolKey, request.Manifests, TimeProvider.System.GetUtcNow().UtcDateTime) is null && File.Exists(request.StateFile)) return false;
        using var said = new StringWriter();
        BuildModel build = (order, progress, cancellation) => PipelineBuild.Run(order, new Relay<string>(message => during?.Invoke(message)), cancellation);
        if (new BuildSession(request, build, said).Run(CancellationToken.None) != ExitCode.Ok) throw new InvalidOperationException(said.ToString());
        return true;
    }

    /// <summary>What killed processes left, of which nothing may be there after the next build.</summary>
    public IReadOnlyList<string> Leftovers() =>
        [.. new[] { Folder, Objects, Cache }.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)).Distinct(StringComparer.Ordinal)
            .Where(path => path.EndsWith(".tmp", StringComparison.Ordinal) || path.EndsWith(".haq-tmp", StringComparison.Ordinal)
                || Path.GetFileName(path).StartsWith(BuildRequest.FilePrefix, StringComparison.Ordinal) || Path.GetFileName(path).StartsWith(BuildRequest.CancelPrefix, StringComparison.Ordinal))];

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
