using System.Globalization;
using Haq.Build.Tests.Builds;

namespace Haq.Cluster.Tests.Matrix;

/// <summary>Manifests with tiny networks, made by number, and what whoever builds them leaves.</summary>
internal sealed class MatrixFolder : IDisposable
{
    /// <summary>For <c>--hardware</c>.</summary>
    public const string Targets = "bismo-edge,bismo-cloud,tpu-like";

    /// <summary>Cells of each manifest.</summary>
    public const int PerManifest = 3;

    // A search by scores; learned rounding; a search of another kind of a network that its neighbour has too; one width.
    private static readonly string[] s_kinds =
    [
        "model: tiny.onnx\nbudget: {size: 0.15x}\nbits: {weights: 2..8, activations: [6, 8]}\nlayers: {\"*\": {weights: 2..8}}\nsearch: {strategy: knapsack}\n",
        "model: tiny.onnx\nbits: {weights: 4, activations: 8}\nquantization: {rounding: block}\n",
        "model: ../net-BEFORE/tiny.onnx\noutput: tiny.haq.onnx\nbudget: {size: 0.18x}\nbits: {weights: 2..8, activations: [4, 6, 8]}\nlayers: {\"*\": {weights: 2..8}}\nsearch: {samples: 24}\n",
        "model: tiny.onnx\nbits: {weights: 8, activations: 8}\n",
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("haq-matrix").FullName;

    public MatrixFolder(int manifests)
    {
        for (int i = 0; i < manifests; i++)
        {
            string folder = Path.Combine(Nets, Name(i));
            TinyModel.Write(folder, seed: i + 1);
            string kind = s_kinds[i % s_kinds.Length].Replace("BEFORE", Number(i - 1), StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, "haq.yaml"), $"{kind}hardware: bismo-edge\ndata: {{evaluation: images.npy}}\n");
        }
    }

    /// <summary>The manifests' folders are below it.</summary>
    public string Nets => Path.Combine(_root, "nets");

    /// <summary>Every file, by path: what a killed process left half done would be among them.</summary>
    public SortedDictionary<string, MatrixFile> Files()
    {
        var files = new SortedDictionary<string, MatrixFile>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Nets, "*", SearchOption.AllDirectories)) files[Path.GetRelativePath(Nets, path)] = MatrixFile.Read(path);
        return files;
    }

    /// <summary>Files in the cache that nobody finished.</summary>
    public IReadOnlyList<string> Unfinished() => [.. Directory.EnumerateFileSystemEntries(Cache, "*tmp", SearchOption.AllDirectories)];

    /// <summary>Builds them all.</summary>
    public HaqProcess Quantize(TimeSpan patience, int jobs, params string[] more) => HaqProcess.Start(
        Settings, patience, ["quantize", Nets + "/*/haq.yaml", "--hardware", Targets, "--jobs", jobs.ToString(CultureInfo.InvariantCulture), .. more]);

    /// <summary>A worker of one thread for who builds them, with a folder of its own for its number.</summary>
    public HaqProcess Worker(TimeSpan patience, int number) => HaqProcess.Start(
        Settings, patience, "worker", "--cluster", "localhost", "--threads", "1", "--cache", Path.Combine(_root, string.Create(CultureInfo.InvariantCulture, $"worker-{number}")));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Cache => Path.Combine(_root, "cache");

    // The members of 'localhost' are a file in the user's folder for caches: a cluster for each matrix.
    private Dictionary<string, string> Settings => new(StringComparer.Ordinal)
    {
        ["XDG_CACHE_HOME"] = _root, ["HAQ_CACHE"] = Cache, ["HAQ_REMOTE_CACHE"] = "off", ["HAQ_CLUSTER_WAIT"] = "120",
    };

    private static string Name(int i) => "net-" + Number(i);

    private static string Number(int i) => i.ToString("000", CultureInfo.InvariantCulture);
}
