using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>Predicts instead of measuring: a policy's loss is the sum of its choices' scores. Nothing else is known about it.</summary>
public sealed class SurrogateEvaluator : IPolicyEvaluator
{
    private readonly SensitivityTable _scores;

    /// <summary>Predicts by <paramref name="scores"/>; <paramref name="original"/> is the float model's score on the set that they were made on.</summary>
    public SurrogateEvaluator(SensitivityTable scores, PolicyScore original) => (_scores, Float) = (scores, original);

    /// <inheritdoc/>
    public PolicyScore Float { get; }

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new PolicyScore(null, null, null, _scores.Predict(policy), null, null, 0);
    }
}
