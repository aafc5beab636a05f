using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>The end of a search.</summary>
/// <param name="Best">The best policy found; within the budget.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="Score">What it scored on the search set.</param>
/// <param name="Evaluated">Number of policies tried.</param>
/// <param name="Completed">False when it was cancelled or ran out of time.</param>
public sealed record SearchResult(Policy Best, NetworkCost Cost, PolicyScore Score, int Evaluated, bool Completed);
