using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;

namespace Haq.Engine.Reporting.Checks;

/// <summary>A model held against a target, in the Static Analysis Results Interchange Format 2.1.0: one result a rule that a node breaks.</summary>
public static class ConformanceSarif
{
    /// <summary>The log's text.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="file">The model's path, relative to the repository's root.</param>
    public static string Write(ConformanceReport report, string file)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(file);
        return SarifDocument.Write([.. report.Verdicts.SelectMany(v => v.Breaches.Select(b => ResultOf(report, file, v, b)))], version: null);
    }

    private static SarifDocument.Result ResultOf(ConformanceReport report, string file, NodeVerdict verdict, Breach breach)
    {
        string subject = verdict.Name.Length == 0 ? "" : $"{verdict.Name} ({verdict.Operator}): ";
        string text = $"{subject}{breach.What}. {breach.Change} Target {report.Profile.Name}, rule '{breach.Rule.Kind}' of {report.Profile.SourceOf(breach.Rule).Url}. {ConformanceReport.Caveat}";
        string identity = $"{report.Profile.Name}\n{file}\n{verdict.Name}\n{breach.Rule.Kind}\n{breach.Tensor}\n{breach.Attribute}";
        string fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        string level = breach.Rule.Effect == RuleEffect.Note ? "note" : verdict.IsAllowed ? "warning" : "error";
        return new SarifDocument.Result(RuleOf(breach.Rule.Effect), level, text, file, Line: 0, Column: 0, fingerprint, verdict.Name.Length == 0 ? null : verdict.Name);
    }

    /// <summary>The diagnostic of an effect.</summary>
    public static DiagnosticDescriptor RuleOf(RuleEffect effect) => effect switch
    {
        RuleEffect.Refused => DiagnosticCatalog.NodeRefused,
        RuleEffect.Fallback => DiagnosticCatalog.NodeFallsBack,
        _ => DiagnosticCatalog.NodeNoted,
    };
}
