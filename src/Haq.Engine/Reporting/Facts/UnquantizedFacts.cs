namespace Haq.Engine.Reporting.Facts;

/// <summary>A node that computes with weights but stays in float.</summary>
public sealed record UnquantizedFacts
{
    /// <summary>The node's unique name.</summary>
    public required string Name { get; init; }

    /// <summary>For example <c>MatMul</c>.</summary>
    public required string Op { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
