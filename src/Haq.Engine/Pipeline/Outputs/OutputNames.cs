using Haq.Engine.Manifest;

namespace Haq.Engine.Pipeline.Outputs;

/// <summary>Where the files of one manifest go.</summary>
internal sealed class OutputNames
{
    private readonly HaqManifest _manifest;
    private readonly string _stem;

    public OutputNames(HaqManifest manifest, string? outputFolder)
    {
        _manifest = manifest;
        string named = Path.GetDirectoryName(manifest.Output)!;
        Folder = outputFolder is null ? named : Path.Combine(Path.GetFullPath(outputFolder), Below(manifest.Folder, named));
        _stem = Path.GetFileNameWithoutExtension(manifest.Output);
    }

    /// <summary>Where everything but the lock file goes.</summary>
    public string Folder { get; }

    /// <summary>File name of the quantized model.</summary>
    public string Model => Path.GetFileName(_manifest.Output);

    /// <summary>File name of the page.</summary>
    public string Html => $"{_stem}.report.html";

    /// <summary>File name of the facts.</summary>
    public string Json => $"{_stem}.report.json";

    /// <summary>File name of the policy.</summary>
    public string Policy => $"{_stem}.policy.json";

    /// <summary>The lock file, beside the manifest: <c>haq.lock.json</c>, or <c>x.haq.lock.json</c> for <c>x.haq.yaml</c>.</summary>
    public string Lock => Path.Combine(_manifest.Folder, $"{Path.GetFileNameWithoutExtension(_manifest.File)}.lock.json");

    // 'output: sub/net.onnx' keeps its folder wherever outputs go; one that lies outside of the manifest's folder has none there.
    private static string Below(string folder, string path)
    {
        string relative = Path.GetRelativePath(folder, path);
        return relative is "." or ".." || relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? "" : relative;
    }
}
