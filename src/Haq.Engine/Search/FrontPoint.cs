using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>One measured policy of a trade-off curve.</summary>
/// <param name="Name">For example <c>knapsack 0.60x</c> or <c>uniform 5 bit</c>.</param>
/// <param name="Policy">The bits.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="PredictedLoss">The sum of its choices' scores.</param>
/// <param name="Score">What it scored.</param>
/// <param name="IsUniform">A baseline, drawn beside the curve.</param>
public sealed record FrontPoint(string Name, Policy Policy, NetworkCost Cost, double PredictedLoss, PolicyScore Score, bool IsUniform);
