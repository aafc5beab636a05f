using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>The end of a search.</summary>
/// <param name="Best">The best policy found; within the budget.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="Score">What it scored on the search set.</param>
/// <param name="Evaluated">Number of different policies measured as candidates; probes do not count.</param>
/// <param name="Completed">False when it was cancelled or ran out of time.</param>
public sealed record SearchResult(Policy Best, NetworkCost Cost, PolicyScore Score, int Evaluated, bool Completed)
{
    /// <summary>What the search was doing when it was cancelled or ran out of time; null where it came to its end.</summary>
    public string? EndedIn { get; init; }

    /// <summary>The damage that additive scores predicted for <see cref="Best"/>, to hold against its measured loss; null where none were made.</summary>
    public double? PredictedLoss { get; init; }

    /// <summary>The scores that the choice was made by; null where none were made.</summary>
    public SensitivityTable? Scores { get; init; }

    /// <summary>How far the knapsack's solution can be above the additive optimum, as a share of its predicted damage; 0 is proven optimal, null where no knapsack was solved.</summary>
    public double? OptimalityGap { get; init; }
}
