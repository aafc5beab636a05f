namespace Haq.Engine.Reporting.Facts;

/// <summary>How far off the target's latencies have to be expected.</summary>
public sealed record ExpectedErrorFacts
{
    /// <summary>Of the latency.</summary>
    public required double Percent { get; init; }

    /// <summary>Number of figures that the target was held against.</summary>
    public required int Rows { get; init; }

    /// <summary>What those are, for example <c>published rows</c>.</summary>
    public required string Of { get; init; }
}
