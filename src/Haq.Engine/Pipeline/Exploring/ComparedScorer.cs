using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>How well one way of scoring foretells what is measured, and what the knapsack makes of its scores.</summary>
/// <param name="Name">Its name in the manifest.</param>
/// <param name="RankAnywhere">Spearman's rank correlation of predicted and measured damage over random policies; null where either does not vary.</param>
/// <param name="RankNear">The same over policies around the knapsack's solutions.</param>
/// <param name="Policy">The knapsack's policy within the budget.</param>
/// <param name="Searched">That policy's score on the search set.</param>
/// <param name="Unseen">Its score on images that no choice was made on.</param>
/// <param name="Time">How long the scores took; what an earlier search had measured cost nothing.</param>
public sealed record ComparedScorer(string Name, double? RankAnywhere, double? RankNear, Policy Policy, PolicyScore Searched, PolicyScore Unseen, TimeSpan Time);
