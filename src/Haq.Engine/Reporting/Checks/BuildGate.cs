using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Checks;

/// <summary>
/// What a build holds its result against: the limit on accuracy, and that outputs agree with float's where nothing that was asked for explains that
/// they do not. What is measured on unseen samples scatters: a build fails where the loss exceeds the limit by more than three standard errors of
/// the difference, and warns
/// where it exceeds it by less. <see cref="ReportChecks"/> holds the figure itself against the limit.
/// </summary>
public static class BuildGate
{
    private const double StandardErrors = 3, Rounding = 1e-9;

    /// <summary>The errors (HAQ0404, HAQ0905) and warnings (HAQ1403, HAQ1905); none where everything is kept.</summary>
    /// <param name="report">The build's report.</param>
    /// <param name="accepted">The manifest says <c>gate: warning</c>.</param>
    /// <param name="manifest">Where to point.</param>
    public static IEnumerable<Diagnostic> Of(ReportModel report, bool accepted, SourceLocation manifest)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (Agreement(report, accepted, manifest) is { } outputs) yield return outputs;
        if (Accuracy(report, accepted, manifest) is { } accuracy) yield return accuracy;
        if (FileSize(report, accepted, manifest) is { } size) yield return size;
    }

    // The search goes by what the file was foretold to take; the file itself is what was asked about.
    private static Diagnostic? FileSize(ReportModel report, bool accepted, SourceLocation manifest)
    {
        if (report.Budget.FileBytes is not { } limit || report.FileBytes is not { } bytes || bytes <= limit) return null;
        string figure = string.Create(CultureInfo.InvariantCulture, $"the file has {bytes:#,0} bytes, where 'file-size' allows {limit:#,0}");
        return accepted
            ? DiagnosticCatalog.FileLarger.At(manifest, $"{figure}; 'gate: warning' accepts it.")
            : DiagnosticCatalog.SizeGate.At(manifest, $"{figure}: {bytes - limit:#,0} more, in names and nodes of the graph. Allow that much more, or ask for that much less so that narrower weights are chosen.");
    }

    private static Diagnostic? Agreement(ReportModel report, bool accepted, SourceLocation manifest)
    {
        if (report.Agreement is not { Cosine: < AgreementFacts.Close } found) return null;
        string figure = string.Create(CultureInfo.InvariantCulture, $"output '{found.Output}' agrees with the float model by a cosine of only {found.Cosine:F3}");
        string advice = found.Advice is null ? "" : $" {char.ToUpperInvariant(found.Advice[0])}{found.Advice[1..]}.";
        if (found.Excuse is { } excuse)
        {
            bool isNarrow = report.Layers.Any(l => l.Chosen.Weights < 8 || l.Chosen.Activations < 8);
            if (isNarrow && excuse is not "widths") return null;
            string why = excuse switch { "widths" => "at the widths that 'bits:' asks for", "training" => "after fine-tuning", "policy" =>
                "under the policy that was given", _ => "within what the budget allows" };
            return DiagnosticCatalog.OutputFarFromFloat.At(manifest, $"{figure} {why}.{(advice.Length > 0 ? advice : " 'haq inspect haq.yaml' shows which layers do the damage.")}");
        }
        string wider = report.Mending is { } mending ? $", with {string.Join(", ", mending.Widened.Select(w => $"'{w.Name}' in {w.Width}"))} already" : "";
        return accepted
            ? DiagnosticCatalog.OutputFarFromFloat.At(manifest, $"{figure}{wider}; 'gate: warning' accepts it.{advice}")
            : DiagnosticCatalog.OutputLost.At(manifest,
                $"{figure}{wider}, which no budget forced, and no few layers in more bits bring it back.{advice} Give more calibration data, as the model was trained on, fine-tune, or accept it with 'gate: warning'; 'haq inspect haq.yaml' shows which layers do the damage.");
    }

    private static Diagnostic? Accuracy(ReportModel report, bool accepted, SourceLocation manifest)
    {
        if (report.Budget.AccuracyDrop is not { } limit || report.Gain.AccuracyVsFloat is not { } points) return null;
        double lost = -points, error = report.AccuracyStandardError ?? 0;
        if (lost <= limit + Rounding) return null;
        string metric = AccuracyMetric.Named(report.Gain.AccuracyMetric)?.Title ?? "accuracy";
        string figure = string.Create(CultureInfo.InvariantCulture, $"{metric} lost {lost:0.##} ± {error:0.##} points on unseen samples, where at most {limit:0.##} may be lost");
        if (lost - StandardErrors * error <= limit)
            return DiagnosticCatalog.AccuracyGateDoubtful.At(manifest, $"{figure}: within three standard errors. More evaluation samples would tell; 'haq check' fails on the figure itself.");
        return accepted
            ? DiagnosticCatalog.AccuracyGateDoubtful.At(manifest, $"{figure}; 'gate: warning' accepts it.")
            : DiagnosticCatalog.AccuracyGate.At(manifest, $"{figure}. Raise the cost budget, fine-tune, allow a larger drop, or accept it with 'gate: warning'.");
    }
}
