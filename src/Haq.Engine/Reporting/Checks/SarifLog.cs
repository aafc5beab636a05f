using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Checks;

/// <summary>Checks in the Static Analysis Results Interchange Format 2.1.0 (OASIS), as code hosts read it: broken limits and the build's warnings.</summary>
public static class SarifLog
{
    /// <summary>The log's text.</summary>
    /// <param name="runs">What was checked; a manifest's path is relative to the repository's root, with forward slashes.</param>
    public static string Write(IReadOnlyList<CheckRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return SarifDocument.Write([.. runs.SelectMany(ResultsOf)], runs.Count > 0 ? runs[0].Report?.Engine : null);
    }

    private static IEnumerable<SarifDocument.Result> ResultsOf(CheckRun run)
    {
        foreach (var outcome in run.Outcomes.Where(o => o.Status != CheckStatus.Passed))
            yield return ResultOf(run, outcome.Rule, "error", $"{outcome.Name}: {outcome.Message}", outcome.Name, null, outcome.At);
        foreach (var warning in run.Report?.Warnings ?? [])
        {
            if (DiagnosticCatalog.All.FirstOrDefault(d => d.Code == warning.Code) is { } rule)
                yield return ResultOf(run, rule, "warning", warning.Message, warning.Message, warning);
        }
    }

    private static SarifDocument.Result ResultOf(CheckRun run, DiagnosticDescriptor rule, string level, string text, string what, WarningFacts? warning, SourceLocation? at = null)
    {
        bool inManifest = warning is null || (warning.File is not null && run.Manifest.File.EndsWith(warning.File, StringComparison.Ordinal));
        int line = inManifest ? warning?.Line ?? at?.Line ?? run.Manifest.Line : 0, column = inManifest ? warning?.Column ?? at?.Column ?? run.Manifest.Column : 0;
        // Neither figures nor places are part of the identity: a budget that stays broken stays one alert.
        string identity = $"{rule.Code}\n{run.Manifest.File}\n{run.Report?.Model.File}\n{run.Report?.Hardware.Name}\n{what}";
        return new SarifDocument.Result(rule, level, $"{run.Subject}: {text}", run.Manifest.File, line, column, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity))));
    }
}
