using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Matrix;

/// <summary>One thing that is wrong, with all cells of a manifest that have it.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Targets">Their targets; empty where the manifest, which names it, cannot be read.</param>
/// <param name="Error">What it is.</param>
internal sealed record MatrixComplaint(string Manifest, string Targets, WarningFacts Error)
{
    /// <summary>All that is wrong, in the order of the cells.</summary>
    public static IReadOnlyList<MatrixComplaint> Of(MatrixReport report) =>
    [
        .. report.Cells.SelectMany(cell => cell.Errors, (cell, error) => (cell, error)).GroupBy(e => (e.cell.Manifest, e.error.Code, e.error.Message))
            .Select(g => new MatrixComplaint(g.Key.Manifest, string.Join(", ", g.Select(e => e.cell.Target).Distinct(StringComparer.Ordinal)), g.First().error)),
    ];

    /// <summary>For example <c>a/haq.yaml for bismo-edge, bismo-cloud</c>.</summary>
    public string Where => Targets.Length > 0 ? $"{Manifest} for {Targets}" : Manifest;
}
