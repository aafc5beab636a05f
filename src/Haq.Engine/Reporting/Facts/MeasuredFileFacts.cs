namespace Haq.Engine.Reporting.Facts;

/// <summary>A file that was measured on the way to a choice.</summary>
public sealed record MeasuredFileFacts
{
    /// <summary>Operators in integers.</summary>
    public required int Integers { get; init; }

    /// <summary>What was predicted before it was measured; null for the first two, which predictions come from.</summary>
    public double? PredictedMs { get; init; }

    /// <summary>Its median.</summary>
    public required double MeasuredMs { get; init; }

    /// <summary>Its time over float's.</summary>
    public required double Ratio { get; init; }

    /// <summary>How far its outputs are off, as a share of what is allowed; null where a faster file was taken without looking.</summary>
    public double? Excess { get; init; }
}
