using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Reporting;

namespace Haq.Engine.Pipeline;

/// <summary>What a run left and what came of it.</summary>
/// <param name="Outputs">Every file, the model first.</param>
/// <param name="Inputs">Every file and folder that was read, absolute.</param>
/// <param name="Warnings">In the order they were given.</param>
/// <param name="Report">The facts.</param>
/// <param name="FromCache">Nothing was computed.</param>
public sealed record PipelineResult(
    IReadOnlyList<PipelineOutput> Outputs, IReadOnlyCollection<string> Inputs, IReadOnlyList<Diagnostic> Warnings, ReportModel Report, bool FromCache)
{
    /// <summary>Those inputs as they were when they were read.</summary>
    internal IReadOnlyDictionary<string, FileRecord> Records { get; init; } = new Dictionary<string, FileRecord>();

    /// <summary>
    /// What the result breaks beyond doubt: the limit on accuracy (HAQ0905), or that outputs agree with float's (HAQ0404). A build fails by it, with
    /// its outputs in place to be looked at.
    /// </summary>
    public IReadOnlyList<Diagnostic> BrokenGates { get; init; } = [];
}
