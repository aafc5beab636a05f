using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting.Checks;

/// <summary>One limit held against one figure.</summary>
/// <param name="Name">What was checked, unique within a run, for example <c>latency budget</c>.</param>
/// <param name="Rule">What a failure is reported as; its code is a stable rule id.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Actual">The figure; null where it is not known.</param>
/// <param name="Limit">What it may not pass.</param>
/// <param name="Unit">Of both: <c>ms</c>, <c>mJ</c>, <c>bytes</c>, or <c>points</c> (percentage points lost).</param>
/// <param name="Message">One line: what was found, and for a failure what to do.</param>
public sealed record CheckOutcome(string Name, DiagnosticDescriptor Rule, CheckStatus Status, double? Actual, double Limit, string Unit, string Message)
{
    /// <summary>Where the limit is written; null where that is not known.</summary>
    public SourceLocation? At { get; init; }

    /// <summary>How far below its limit the figure is, in <see cref="Unit"/>; negative where it is above.</summary>
    public double? Margin => Limit - Actual;
}
