using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Stages.Exporting;

/// <summary>Holds an exported file against the target that it was written for.</summary>
public static class TargetVerdict
{
    private const int Named = 3;

    /// <summary>A warning that names the nodes that the target does not run; null where it runs all.</summary>
    public static Diagnostic? Of(OnnxModel exported, DialectProfile profile) => Of(ConformanceCheck.Run(exported, profile), exported.Name);

    /// <summary>The same of what a check found.</summary>
    /// <param name="report">What it found.</param>
    /// <param name="file">The exported file.</param>
    public static Diagnostic? Of(ConformanceReport report, string file)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (failing, profile) = (report.Verdicts.Where(v => v.Fails).ToList(), report.Profile);
        if (failing.Count == 0) return null;
        string named = string.Join("; ", failing.Take(Named).Select(v => $"{(v.Name.Length == 0 ? "the model" : $"'{v.Name}' ({v.Operator})")}: {v.Breaches[0].What}"));
        string more = failing.Count > Named ? $"; and {failing.Count - Named} more" : "";
        return DiagnosticCatalog.TargetLeavesNodes.At(new SourceLocation(file),
            $"by its documents, {profile.Name} leaves {(failing.Count == 1 ? "a node" : $"{failing.Count} nodes")} to {profile.Host}: {named}{more}. 'haq check --target {profile.Name}' says what to change in each.");
    }
}
