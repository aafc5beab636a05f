namespace Haq.Engine.Diagnostics;

// 0022 to 0029, 1022 to 1029: many manifests for many targets.
public static partial class DiagnosticCatalog
{
    /// <summary>Two cells of a matrix write one file.</summary>
    public static readonly DiagnosticDescriptor MatrixClash = new("HAQ0022", "Two cells of a matrix write one file", ExitCode.Usage);

    /// <summary>A pattern that no manifest matches.</summary>
    public static readonly DiagnosticDescriptor NoManifests = new("HAQ0023", "No manifest matches", ExitCode.Usage);
}
