using System.Collections.Immutable;

namespace Haq.Engine.Diagnostics;

/// <summary>
/// Every error and warning that the engine can report, one line each; a test wants its page under docs/diagnostics.
/// Ranges: 00xx manifest, 01xx data, 02xx hardware and budget, 03xx reading models, 04xx quantization and export, 05xx evaluation, 06xx search,
/// 07xx training, 08xx the machine, cache, lock file and build, 09xx checks and reports; 1xxx are the warnings of the same areas (10xx manifest, 11xx data, …).
/// </summary>
public static partial class DiagnosticCatalog
{
    // Made when first asked for: in which order the parts' fields are set is not defined.
    private static readonly Lazy<ImmutableArray<DiagnosticDescriptor>> s_all = new(() =>
        [.. typeof(DiagnosticCatalog).GetFields().Where(f => f.FieldType == typeof(DiagnosticDescriptor))
            .Select(f => (DiagnosticDescriptor)f.GetValue(null)!).OrderBy(d => d.Code, StringComparer.Ordinal)]);

    /// <summary>All of them, by code.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All => s_all.Value;
}
