using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>Files as a summary names them: nothing in it tells where on a machine it was made.</summary>
/// <param name="plan">Whose manifests are named below their common folder.</param>
/// <param name="summary">The summary's folder, which links start from.</param>
internal sealed class MatrixPlaces(MatrixPlan plan, string summary)
{
    private readonly string[] _private =
    [
        .. new[] { plan.Root, summary, plan.Cells.IsEmpty ? null : plan.Cells[0].Options.Cache.Root }.OfType<string>()
            .Select(folder => Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar).Where(folder => Path.GetDirectoryName(folder[..^1]) is not null)
            .Distinct(StringComparer.Ordinal).OrderByDescending(folder => folder.Length),
    ];

    /// <summary>A manifest, relative to the folder that all have in common.</summary>
    public string Manifest(MatrixCell cell) => Path.GetRelativePath(plan.Root, cell.Manifest).Replace('\\', '/');

    /// <summary>A file, relative to the summary; null where no such path leads to it.</summary>
    public string? Link(string? file) => file is not null && Path.GetRelativePath(summary, file) is var link && !Path.IsPathRooted(link) ? link.Replace('\\', '/') : null;

    /// <summary>A diagnostic without the folders of this machine.</summary>
    public WarningFacts Facts(Diagnostic diagnostic)
    {
        var facts = WarningFacts.Of(diagnostic);
        return facts with { Message = _private.Aggregate(facts.Message, (text, folder) => text.Replace(folder, "", StringComparison.Ordinal)) };
    }
}
