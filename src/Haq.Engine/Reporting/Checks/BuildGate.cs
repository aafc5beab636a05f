using System.Globalization;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting.Checks;

/// <summary>
/// The limit on accuracy as a build holds it. What is measured on unseen samples scatters: a build fails where the loss exceeds the limit by more than three standard errors of the difference, and warns
/// where it exceeds it by less. <see cref="ReportChecks"/> holds the figure itself against the limit.
/// </summary>
public static class BuildGate
{
    private const double StandardErrors = 3, Rounding = 1e-9;

    /// <summary>The error (HAQ0905) or warning (HAQ1905), or null where the limit is kept or there is none.</summary>
    /// <param name="report">The build's report.</param>
    /// <param name="accepted">The manifest says <c>gate: warning</c>.</param>
    /// <param name="manifest">Where to point.</param>
    public static Diagnostic? Of(ReportModel report, bool accepted, SourceLocation manifest)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Budget.AccuracyDrop is not { } limit || report.Gain.AccuracyVsFloat is not { } points) return null;
        double lost = -points, error = report.AccuracyStandardError ?? 0;
        if (lost <= limit + Rounding) return null;
        string metric = report.Delivered?.Top1 is not null ? "top-1" : "agreement with float";
        string figure = string.Create(CultureInfo.InvariantCulture, $"{metric} lost {lost:0.##} ± {error:0.##} points on unseen samples, where at most {limit:0.##} may be lost");
        if (lost - StandardErrors * error <= limit)
            return DiagnosticCatalog.AccuracyGateDoubtful.At(manifest, $"{figure}: within three standard errors. More evaluation samples would tell; 'haq check' fails on the figure itself.");
        return accepted
            ? DiagnosticCatalog.AccuracyGateDoubtful.At(manifest, $"{figure}; 'gate: warning' accepts it.")
            : DiagnosticCatalog.AccuracyGate.At(manifest, $"{figure}. Raise the cost budget, fine-tune, allow a larger drop, or accept it with 'gate: warning'.");
    }
}
