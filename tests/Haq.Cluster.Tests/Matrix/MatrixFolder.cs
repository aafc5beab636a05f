using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
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
        "model: tiny.onnx\nbudget: {size: 0.2x}\nbits: {weights: [4, 8], activations: 8}\nsearch: {strategy: knapsack}\n",
        "model: tiny.onnx\nbits: {weights: 4, activations: 8}\nquantization: {rounding: block}\n",
        "model: ../net-BEFORE/tiny.onnx\noutput: tiny.haq.onnx\nbudget: {size: 0.18x}\nbits: {weights: [3, 4, 6, 8], activations: [6, 8]}\nsearch: {samples: 24}\n",
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

    /// <summary>The cache of whoever builds them.</summary>
    public string Cache => Path.Combine(_root, "cache");

    /// <summary>A folder for something else.</summary>
    public string this[string name] => Path.Combine(_root, name);

    /// <summary>
    /// Every file and what is in it, by path: of reports all but how long things took, of their pages that they are there. What a killed process left half done would be among them.
    /// </summary>
    public SortedDictionary<string, string> Files()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Nets, "*", SearchOption.AllDirectories)) files[Path.GetRelativePath(Nets, path)] = Content(path);
        return files;
    }

    /// <summary>Files in the cache that nobody finished.</summary>
    public IReadOnlyList<string> Unfinished() => [.. Directory.EnumerateFileSystemEntries(Cache, "*tmp", SearchOption.AllDirectories)];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Name(int i) => "net-" + Number(i);

    private static string Number(int i) => i.ToString("000", CultureInfo.InvariantCulture);

    private static string Content(string path)
    {
        if (path.EndsWith(".report.html", StringComparison.Ordinal)) return "a page";
        byte[] bytes = File.ReadAllBytes(path);
        if (path.EndsWith(".report.json", StringComparison.Ordinal))
        {
            var report = JsonNode.Parse(bytes)!.AsObject();
            report.Remove("timings");
            bytes = Encoding.UTF8.GetBytes(report.ToJsonString());
        }
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
