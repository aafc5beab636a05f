using System.Collections.Immutable;

namespace Haq.Engine.Reporting.Facts;

/// <summary>How the policy was found.</summary>
public sealed record SearchFacts
{
    /// <summary>The strategy's name in the manifest.</summary>
    public required string Strategy { get; init; }

    /// <summary>The seed of every random number.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What <see cref="SearchPoint.Score"/> is, for example <c>loss</c> or <c>top1</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>The direction of the metric.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>Number of policies tried.</summary>
    public required int Evaluated { get; init; }

    /// <summary>False when it was interrupted or ran out of time.</summary>
    public required bool Completed { get; init; }

    /// <summary>Images of the search set; null where nothing was measured.</summary>
    public int? Samples { get; init; }

    /// <summary>The predicted damage of the chosen policy, in nats; null where the strategy does not predict.</summary>
    public double? PredictedDamage { get; init; }

    /// <summary>The damage measured on the search set, in nats.</summary>
    public double? MeasuredDamage { get; init; }

    /// <summary>How far the knapsack's predicted damage can be above the best that the budget allows, as a share of it; 0 is proved optimal, null where it was not bounded.</summary>
    public double? OptimalityGap { get; init; }

    /// <summary>How the choices were scored: <c>probe</c>, <c>fisher</c>, <c>sqnr</c> or <c>local</c>; null where they were not.</summary>
    public string? ScoredBy { get; init; }

    /// <summary>Spearman's rank correlation of predicted and measured damage over the policies tried, −1..1; null where there were too few.</summary>
    public double? RankCorrelation { get; init; }

    /// <summary>The width of the uniform policy that was taken because it is no worse than the mixed one that was found and costs less; null where the mixed one stands.</summary>
    public int? Uniform { get; init; }

    /// <summary>Every policy tried, in order.</summary>
    public ImmutableArray<SearchPoint> Progress { get; init; } = [];
}
