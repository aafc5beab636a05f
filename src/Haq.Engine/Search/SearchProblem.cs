using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search;

/// <summary>What is to be solved.</summary>
/// <param name="Layers">By index.</param>
/// <param name="Space">The choices.</param>
/// <param name="Costs">What each choice costs.</param>
/// <param name="Budget">What may be spent.</param>
/// <param name="Random">The source of every random number; fork it by name.</param>
/// <param name="TimeLimit">The search ends with its best so far when this has passed; null for no limit.</param>
public sealed record SearchProblem(
    IReadOnlyList<QuantizableLayer> Layers, SearchSpace Space, CostTable Costs, Budget Budget, SeededRandom Random, TimeSpan? TimeLimit = null)
{
    /// <summary>What to make best within the budget.</summary>
    public SearchObjective Objective { get; init; } = SearchObjective.Accuracy;

    /// <summary>How many percentage points of the metric may be lost against the float model; needed where the objective is a cost.</summary>
    public double? AccuracyDropLimit { get; init; }

    /// <summary>A cheaper measurement, on a part of the search set, for the many probes that only compare neighbours; null to probe with the search's own.</summary>
    public IPolicyEvaluator? Probes { get; init; }

    /// <summary>Scores that were made before; strategies that need them and find none make their own.</summary>
    public SensitivityTable? Sensitivity { get; init; }

    /// <summary>What makes those scores, given what this search probes with; null for probes of the loss.</summary>
    public Func<IPolicyEvaluator, ISensitivityScorer>? Scorer { get; init; }
}
