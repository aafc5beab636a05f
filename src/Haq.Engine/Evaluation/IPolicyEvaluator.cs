using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>Scores policies on one fixed, held-out set. The same policy always gets the same numbers.</summary>
public interface IPolicyEvaluator
{
    /// <summary>The float model on the same images.</summary>
    PolicyScore Float { get; }

    /// <summary>Scores <paramref name="policy"/>.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it was done.</exception>
    PolicyScore Evaluate(Policy policy, CancellationToken cancellation);
}
