using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>An evaluator that need not measure a hopeless policy to the end.</summary>
public interface IRacingEvaluator : IPolicyEvaluator
{
    /// <summary>
    /// Scores <paramref name="policy"/>, but stops as soon as its loss is above that of <paramref name="rival"/> beyond reasonable doubt; the score then says so
    /// (<see cref="PolicyScore.StoppedEarly"/>) and is of the samples seen. The same two policies always give the same numbers.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before it was done.</exception>
    PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation);
}
