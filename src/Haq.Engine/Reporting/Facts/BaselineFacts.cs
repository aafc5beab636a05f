namespace Haq.Engine.Reporting.Facts;

/// <summary>A uniform policy that was priced, and where data was there measured, beside the chosen one.</summary>
public sealed record BaselineFacts
{
    /// <summary>For example <c>uniform 8 bit</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The width of every layer that is not pinned.</summary>
    public required int Bits { get; init; }

    /// <summary>What it costs.</summary>
    public required CostFacts Cost { get; init; }

    /// <summary>Measured on the same images as the chosen policy; null where it was only priced.</summary>
    public AccuracyFacts? Quantized { get; init; }

    /// <summary>One standard error of the difference from the delivered network, sample by sample, in percentage points; null where that was not measured.</summary>
    public double? StandardError { get; init; }
}
