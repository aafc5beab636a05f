namespace Haq.Engine.Reporting.Facts;

/// <summary>A uniform policy that was priced, and where data was there measured, beside the chosen one.</summary>
public sealed record BaselineFacts
{
    /// <summary>For example <c>uniform 8 bit</c> or <c>uniform w8a16</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The width of every layer that is not pinned.</summary>
    public required int Bits { get; init; }

    /// <summary>The width of activations where it is not <see cref="Bits"/>; null elsewhere.</summary>
    public int? Activations { get; init; }

    /// <summary>The share of activation elements that have more than 8 bits, 0..1; null where it is none by its widths.</summary>
    public double? WideShare { get; init; }

    /// <summary>What it costs.</summary>
    public required CostFacts Cost { get; init; }

    /// <summary>Measured on the same images as the chosen policy; null where it was only priced.</summary>
    public AccuracyFacts? Quantized { get; init; }

    /// <summary>One standard error of the difference from the delivered network, sample by sample, in percentage points; null where that was not measured.</summary>
    public double? StandardError { get; init; }
}
