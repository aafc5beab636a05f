using Haq.Engine.Manifest;

namespace Haq.Engine.Pipeline.Outputs;

/// <summary>Where the files of one manifest go.</summary>
internal sealed class OutputNames
{
    private const string Mark = ".haq";

    private readonly HaqManifest _manifest;
    private readonly string _stem, _cell;

    /// <param name="manifest">What names them.</param>
    /// <param name="outputFolder">In place of the folder that it names; null for that.</param>
    /// <param name="cell">The target's name, where one manifest is built for several.</param>
    public OutputNames(HaqManifest manifest, string? outputFolder, string? cell = null)
    {
        _manifest = manifest;
        _cell = cell is null ? "" : $".{cell}";
        string named = Path.GetDirectoryName(manifest.Output)!;
        Folder = outputFolder is null ? named : Path.Combine(Path.GetFullPath(outputFolder), Below(manifest.Folder, named));
        _stem = StemOf(manifest.Output);
    }

    /// <summary>Where everything but the lock file goes.</summary>
    public string Folder { get; }

    /// <summary>File name of the quantized model.</summary>
    public string Model => $"{_stem}{Path.GetExtension(_manifest.Output)}";

    /// <summary>File name of the page.</summary>
    public string Html => $"{_stem}.report.html";

    /// <summary>File name of the facts.</summary>
    public string Json => $"{_stem}.report.json";

    /// <summary>File name of the policy.</summary>
    public string Policy => $"{_stem}.policy.json";

    /// <summary>The lock file, beside the manifest: <c>haq.lock.json</c>, or <c>x.haq.lock.json</c> for <c>x.haq.yaml</c>; of a cell <c>haq.bismo-edge.lock.json</c>.</summary>
    public string Lock => Path.Combine(_manifest.Folder, $"{Path.GetFileNameWithoutExtension(_manifest.File)}{_cell}.lock.json");

    /// <summary>Every file that a build may write, absolute.</summary>
    public IEnumerable<string> All => [.. new[] { Model, Html, Json, Policy }.Select(name => Path.Combine(Folder, name)), Lock];

    // 'net.bismo-edge.haq.onnx': whoever looks for *.haq.onnx finds it.
    private string StemOf(string output)
    {
        string stem = Path.GetFileNameWithoutExtension(output);
        return stem.EndsWith(Mark, StringComparison.Ordinal) ? $"{stem[..^Mark.Length]}{_cell}{Mark}" : stem + _cell;
    }

    // 'output: sub/net.onnx' keeps its folder wherever outputs go; one that lies outside of the manifest's folder has none there.
    private static string Below(string folder, string path)
    {
        string relative = Path.GetRelativePath(folder, path);
        return relative is "." or ".." || relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? "" : relative;
    }
}
