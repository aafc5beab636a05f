using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What came of a search, in the form that the cache keeps.</summary>
public sealed record SearchOutcome
{
    /// <summary>In the place of a strategy's name: the policy was given.</summary>
    public const string GivenPolicy = "policy";

    /// <summary>In the place of a strategy's name: there was nothing to choose.</summary>
    public const string NoChoice = "fixed";

    /// <summary>The strategy's name; <c>fixed</c> where there was nothing to choose, <c>policy</c> where it was given, <c>lock</c> where the lock file decided.</summary>
    public required string Strategy { get; init; }

    /// <summary>Weights and activations of every layer, in turn.</summary>
    public required ImmutableArray<int> Bits { get; init; }

    /// <summary>The score on the search set; null where nothing was measured.</summary>
    public PolicyScore? Score { get; init; }

    /// <summary>Different policies measured.</summary>
    public int Evaluated { get; init; }

    /// <summary>False when a time limit ended it.</summary>
    public bool Completed { get; init; } = true;

    /// <summary>What the search was doing when its time was up; null where it came to its end.</summary>
    public string? EndedIn { get; init; }

    /// <summary>The width of the uniform policy that was taken because it is no worse than the mixed one that was found and costs less; null where the mixed one stands.</summary>
    public int? Uniform { get; init; }

    /// <summary>Predicted damage in nats; null where the strategy does not predict.</summary>
    public double? PredictedLoss { get; init; }

    /// <summary>How far the knapsack's predicted damage can be above the least, as a share of it; null where unproved.</summary>
    public double? OptimalityGap { get; init; }

    /// <summary>The scores behind the choice; null where none were made.</summary>
    public ScoreRecord? Scores { get; init; }

    /// <summary>Every policy tried, in order.</summary>
    public ImmutableArray<SearchTrial> Trials { get; init; } = [];

    /// <summary>What was measured and chosen on a target that is measured; null elsewhere.</summary>
    public RegionRecord? Regions { get; init; }

    /// <summary>The files that were measured on the way to <see cref="Regions"/>.</summary>
    public ImmutableArray<RegionTrial> RegionTrials { get; init; } = [];

    /// <summary>What was left wider than the search had it; null where nothing was.</summary>
    public MendingFacts? Mending { get; init; }

    /// <summary>The best policies that were tried, for whoever measures them otherwise; the search's own choice may be among them.</summary>
    public ImmutableArray<Finalist> Finalists { get; init; } = [];

    /// <summary>The best candidates as whole files on the device; null where none was measured there.</summary>
    public DeviceFacts? Device { get; init; }

    /// <summary>Why the device has nothing to decide though the manifest asks it; null where it has, or is not asked.</summary>
    public string? NothingToMeasure { get; init; }

    /// <summary>What was asked for that explains outputs far from float, as in <see cref="AgreementFacts.Excuse"/>.</summary>
    public string? Excuse { get; init; }

    /// <summary>The policy was given, not looked for.</summary>
    [JsonIgnore]
    public bool IsGiven => Strategy == GivenPolicy;

    /// <summary>The bits as a policy.</summary>
    [JsonIgnore]
    public Policy Policy => new([.. Bits.Chunk(2).Select(pair => new LayerBits(pair[0], pair[1]))]);

    /// <summary>A policy's bits in the form of <see cref="Bits"/>.</summary>
    public static ImmutableArray<int> Flatten(Policy policy) => [.. policy.Bits.ToArray().SelectMany(b => new[] { b.Weights.Bits, b.Activations.Bits })];
}
