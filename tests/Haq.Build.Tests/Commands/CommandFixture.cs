using Haq.Build.Tests.Builds;

namespace Haq.Build.Tests.Commands;

/// <summary>A made network with a manifest, built once; the commands that write get folders of their own. The cache is this run's.</summary>
public sealed class CommandFixture : IDisposable
{
    /// <summary>What the made network is built with.</summary>
    public const string Manifest = """
        model: tiny.onnx
        hardware: bismo-edge
        budget: {latency: 0.95x}
        bits: {weights: [4, 8], activations: 8}
        search: {strategy: knapsack}
        data:
          evaluation: images.npy

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("haq-commands").FullName;
    private readonly string? _cacheBefore = Environment.GetEnvironmentVariable("HAQ_CACHE"), _remoteBefore = Environment.GetEnvironmentVariable("HAQ_REMOTE_CACHE");

    public CommandFixture()
    {
        Environment.SetEnvironmentVariable("HAQ_CACHE", Path.Combine(_root, "cache"));
        Environment.SetEnvironmentVariable("HAQ_REMOTE_CACHE", "off");
        Built = NewFolder("built");
        ToolRun.Of("quantize", Built).Succeeded();
    }

    /// <summary>The folder of the built manifest; tests leave it as it is.</summary>
    public string Built { get; }

    public string Model => Path.Combine(Built, "tiny.onnx");

    public string Report => Path.Combine(Built, "tiny.haq.report.json");

    public string Policy => Path.Combine(Built, "tiny.haq.policy.json");

    /// <summary>A folder with the made network, its data and a manifest.</summary>
    public string NewFolder(string name, string manifest = Manifest)
    {
        string folder = Path.Combine(_root, name);
        TinyModel.Write(folder, seed: 1);
        File.WriteAllText(Path.Combine(folder, "haq.yaml"), manifest);
        return folder;
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("HAQ_CACHE", _cacheBefore);
        Environment.SetEnvironmentVariable("HAQ_REMOTE_CACHE", _remoteBefore);
        Directory.Delete(_root, recursive: true);
    }
}

/// <summary>Commands print to the process's own console, so these tests run one after the other and beside nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CommandCollection : ICollectionFixture<CommandFixture>
{
    public const string Name = "commands";
}
