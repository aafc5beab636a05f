namespace Haq.Tool.Matrix;

/// <summary>Which manifests for which targets, and how.</summary>
/// <param name="Manifests">Absolute, each once, at least one.</param>
/// <param name="Hardware">None where each manifest is built for its own target.</param>
/// <param name="IsMatrix">Otherwise it is one manifest, built as ever.</param>
internal sealed record MatrixRequest(string[] Manifests, string[] Hardware, bool IsMatrix)
{
    /// <summary>Cells at a time; null for what cores and memory allow.</summary>
    public int? Jobs { get; init; }

    /// <summary>The first cell that fails is the last.</summary>
    public bool FailFast { get; init; }

    /// <summary>The summary's folder; null for the usual one.</summary>
    public string? Summary { get; init; }

    /// <summary>Warnings and errors alone.</summary>
    public bool IsQuiet { get; init; }
}
