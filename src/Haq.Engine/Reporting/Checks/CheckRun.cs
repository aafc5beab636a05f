using System.Collections.Immutable;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting.Checks;

/// <summary>All checks of one model.</summary>
/// <param name="Manifest">The manifest that set the limits, as a path.</param>
/// <param name="Report">What was checked; null where there is none, because the build failed.</param>
/// <param name="Outcomes">In a fixed order.</param>
public sealed record CheckRun(SourceLocation Manifest, ReportModel? Report, ImmutableArray<CheckOutcome> Outcomes)
{
    /// <summary>Every limit was kept.</summary>
    public bool Passed => Outcomes.All(o => o.Status == CheckStatus.Passed);

    /// <summary>For example <c>mobilenet.onnx for bismo-edge</c>.</summary>
    public string Subject => Report is null ? Path.GetFileName(Manifest.File) : $"{Report.Model.File} for {Report.Hardware.Name}";

    /// <summary>A build that failed, as checks that failed: an error each.</summary>
    public static CheckRun Failed(SourceLocation manifest, HaqException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new CheckRun(manifest, null,
        [
            .. error.Diagnostics.Where(d => !d.Descriptor.IsWarning).Select(d =>
                new CheckOutcome("build", d.Descriptor, CheckStatus.Failed, null, 0, "", d.Message) { At = d.Location is { } at && at.File == manifest.File ? at : null }),
        ]);
    }
}
