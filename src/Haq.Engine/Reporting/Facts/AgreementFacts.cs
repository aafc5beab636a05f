namespace Haq.Engine.Reporting.Facts;

/// <summary>How far the furthest of all outputs of the delivered network is from the float model's.</summary>
public sealed record AgreementFacts
{
    /// <summary>Below this cosine an output is far from float.</summary>
    public const double Close = 0.99;

    /// <summary>The output's name.</summary>
    public required string Output { get; init; }

    /// <summary>Its mean cosine over a few samples.</summary>
    public required double Cosine { get; init; }

    /// <summary>
    /// What was asked for that explains a distance: <c>budget</c>, <c>objective</c>, <c>widths</c>, <c>policy</c> or <c>training</c>; null where
    /// nothing does, so that a distance is an error.
    /// </summary>
    public string? Excuse { get; init; }

    /// <summary>What was found to bring the output closer; null where nothing was.</summary>
    public string? Advice { get; init; }
}
