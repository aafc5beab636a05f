using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>Predicts instead of measuring: a policy's loss is the sum of its choices' scores. Nothing else is known about it.</summary>
public sealed class SurrogateEvaluator : IPolicyEvaluator
{
    private readonly SensitivityTable _scores;

    /// <summary>Predicts by <paramref name="scores"/>.</summary>
    public SurrogateEvaluator(SensitivityTable scores) => _scores = scores;

    /// <summary>The float model, which loses nothing; what it gets right is not known here either, so that the two compare by loss.</summary>
    public PolicyScore Float { get; } = new(null, null, null, 0, null, null, 0);

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new PolicyScore(null, null, null, _scores.Predict(policy), null, null, 0);
    }
}
