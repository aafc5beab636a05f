using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>Every cell of a matrix, with files of its own. A manifest that cannot be read is a cell that fails; what is wrong with the matrix as a whole is an error before anything starts.</summary>
/// <param name="Root">The folder that all manifests are in or below.</param>
/// <param name="Cells">By manifest, then by target, in the order in which they were given.</param>
public sealed record MatrixPlan(string Root, ImmutableArray<MatrixCell> Cells)
{
    /// <param name="manifests">Absolute, each once.</param>
    /// <param name="hardware">Built-in names or hardware files, relative to the current folder; none where each manifest is built for its own target.</param>
    /// <param name="template">What every build is asked for; manifest, hardware, folder and cell are put in.</param>
    /// <exception cref="HaqException">There is no such target (HAQ0201), the budget is not one, or two cells write one file (HAQ0022).</exception>
    public static MatrixPlan Of(IReadOnlyList<string> manifests, IReadOnlyList<string> hardware, PipelineOptions template)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        ArgumentNullException.ThrowIfNull(hardware);
        ArgumentNullException.ThrowIfNull(template);
        // What is wrong for every cell is said once.
        if (template.Budget is { } budget) ManifestReader.ParseBudget(budget);
        string root = CommonFolder.Of(manifests);
        var targets = hardware.Select(MatrixTarget.Load).ToArray();
        var claims = new OutputClaims();
        var cells = ImmutableArray.CreateBuilder<MatrixCell>();
        foreach (string file in manifests)
        {
            var options = template with { Manifest = file, OutputFolder = template.OutputFolder is { } folder ? Path.Combine(Path.GetFullPath(folder), CommonFolder.Below(root, file)) : null };
            var (manifest, defect) = Read(file);
            foreach (var target in targets.Length > 0 ? targets : new MatrixTarget?[] { null })
            {
                var asked = target is null ? options : options with { Hardware = target.Asked, Cell = target.Label };
                var cell = new MatrixCell(cells.Count, file, target?.Name ?? "", asked) { Defect = defect };
                cells.Add(manifest is null ? cell : Known(cell, manifest, target, claims));
            }
        }
        return new MatrixPlan(root, cells.ToImmutable());
    }

    private static MatrixCell Known(MatrixCell cell, HaqManifest manifest, MatrixTarget? target, OutputClaims claims)
    {
        claims.Claim(manifest, new OutputNames(manifest, cell.Options.OutputFolder, cell.Options.Cell), target?.Name);
        var known = cell with { Model = manifest.Model.FullPath };
        try
        {
            var hardware = target?.Hardware ?? HardwareCatalog.Load(manifest.Hardware.Name, manifest.Folder, manifest.Hardware.At);
            return known with { Target = hardware.Name, IsAlone = hardware.NeedsMeasuring || manifest.Search.Measure is not null };
        }
        catch (HaqException e)
        {
            return known with { Defect = e };
        }
    }

    private static (HaqManifest? Manifest, HaqException? Defect) Read(string file)
    {
        try
        {
            return (ManifestReader.Read(file, Strategies.Names), null);
        }
        catch (HaqException e)
        {
            return (null, e);
        }
    }
}
