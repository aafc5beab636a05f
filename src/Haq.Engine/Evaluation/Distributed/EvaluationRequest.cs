using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>What will be asked of an evaluator.</summary>
/// <param name="Policy">The policy to score.</param>
/// <param name="Rival">The policy that it races against; null where it is measured to the end.</param>
public readonly record struct EvaluationRequest(Policy Policy, Policy? Rival = null);
