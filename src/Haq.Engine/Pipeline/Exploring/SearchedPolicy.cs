using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>A policy measured on the search set.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Score">Its score.</param>
public sealed record SearchedPolicy(Policy Policy, PolicyScore Score);
