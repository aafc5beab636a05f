namespace Haq.Engine.Reporting.Facts;

/// <summary>What a layer is computed in, and its time inside of its network. Only where the target is measured.</summary>
public sealed record PlacementFacts
{
    /// <summary><c>float</c>, <c>integers</c>, <c>dynamic integers</c>, <c>8-bit blocks</c> or <c>4-bit blocks</c>.</summary>
    public required string Form { get; init; }

    /// <summary>The region of integers that it is in, numbered from 1 in execution order; null where it reads and makes real numbers.</summary>
    public int? Region { get; init; }

    /// <summary>What the files before said that it takes, milliseconds a run; null where none told.</summary>
    public double? PredictedMs { get; init; }

    /// <summary>What it takes in the file.</summary>
    public required double MeasuredMs { get; init; }

    /// <summary>What it takes in the float file.</summary>
    public required double FloatMs { get; init; }
}
