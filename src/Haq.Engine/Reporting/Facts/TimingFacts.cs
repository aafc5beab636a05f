using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>Everything that differs from run to run; left out where two reports are compared byte by byte.</summary>
public sealed record TimingFacts
{
    /// <summary>Null where run time was not measured.</summary>
    public RunTimeFacts? RunTime { get; init; }

    /// <summary>In the order they ran.</summary>
    public ImmutableArray<StageTimeFacts> Stages { get; init; } = [];
}
