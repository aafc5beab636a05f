using System.Collections.Immutable;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting.Checks;

/// <summary>All checks of one model.</summary>
/// <param name="Manifest">The manifest that set the limits, as a path.</param>
/// <param name="Report">What was checked.</param>
/// <param name="Outcomes">In a fixed order.</param>
public sealed record CheckRun(SourceLocation Manifest, ReportModel Report, ImmutableArray<CheckOutcome> Outcomes)
{
    /// <summary>Every limit was kept.</summary>
    public bool Passed => Outcomes.All(o => o.Status == CheckStatus.Passed);

    /// <summary>For example <c>mobilenet.onnx for bismo-edge</c>.</summary>
    public string Subject => $"{Report.Model.File} for {Report.Hardware.Name}";
}
