using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Outputs;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>Which cell writes which file: each file is one cell's, and none of them is a manifest or a model that is read.</summary>
internal sealed class OutputClaims
{
    // Some file systems tell names apart by case and some do not; what clashes on one is refused on all.
    private readonly Dictionary<string, string> _owners = new(StringComparer.OrdinalIgnoreCase), _read = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="HaqException">A file is another cell's, or is read (HAQ0022).</exception>
    public void Claim(HaqManifest manifest, OutputNames names, string? target)
    {
        string cell = target is null ? $"'{manifest.File}'" : $"'{manifest.File}' for {target}";
        foreach (string source in (string[])[manifest.File, manifest.Model.FullPath])
        {
            if (_owners.TryGetValue(source, out string? writer)) throw Clash(manifest, $"{writer} would write '{source}', which {cell} reads");
            _read.TryAdd(source, cell);
        }
        foreach (string file in names.All)
        {
            if (_owners.TryGetValue(file, out string? other)) throw Clash(manifest, $"{cell} and {other} would both write '{file}'");
            if (_read.TryGetValue(file, out string? reader)) throw Clash(manifest, $"{cell} would write '{file}', which {reader} reads");
            _owners[file] = cell;
        }
    }

    private static HaqException Clash(HaqManifest manifest, string what) =>
        DiagnosticCatalog.MatrixClash.Error(manifest.File, $"{what}. Nothing was started. Give one of them another 'output', or its hardware another 'name'.");
}
