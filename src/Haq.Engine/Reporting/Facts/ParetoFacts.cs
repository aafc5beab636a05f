namespace Haq.Engine.Reporting.Facts;

/// <summary>One policy of the trade-off curve.</summary>
public sealed record ParetoFacts
{
    /// <summary>For example <c>uniform 6 bit</c> or <c>knapsack 0.6x</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it costs.</summary>
    public required CostFacts Cost { get; init; }

    /// <summary>Predicted damage in nats.</summary>
    public double? PredictedDamage { get; init; }

    /// <summary>Measured figures; null where the point was only predicted.</summary>
    public AccuracyFacts? Quantized { get; init; }

    /// <summary>A uniform policy, drawn beside the curve.</summary>
    public bool Uniform { get; init; }

    /// <summary>The policy that was built.</summary>
    public bool Chosen { get; init; }
}
