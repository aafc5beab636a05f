using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <summary>Gives out no figure, and so lets none into a journal, after what it was measured on changed.</summary>
internal class CheckedEvaluator : IPolicyEvaluator
{
    private readonly IPolicyEvaluator _inner;
    private readonly Action _check;

    private CheckedEvaluator(IPolicyEvaluator inner, Action check) => (_inner, _check) = (inner, check);

    /// <summary>Checks after every measurement. Races where <paramref name="inner"/> does.</summary>
    /// <param name="inner">Measures.</param>
    /// <param name="check">Throws where an input changed.</param>
    public static IPolicyEvaluator Of(IPolicyEvaluator inner, Action check) => inner is IRacingEvaluator racing ? new Racing(racing, check) : new CheckedEvaluator(inner, check);

    public PolicyScore Float => _inner.Float;

    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => Checked(_inner.Evaluate(policy, cancellation));

    private PolicyScore Checked(PolicyScore score)
    {
        _check();
        return score;
    }

    private sealed class Racing(IRacingEvaluator inner, Action check) : CheckedEvaluator(inner, check), IForesightedEvaluator
    {
        public bool HasForesight => inner is IForesightedEvaluator { HasForesight: true };

        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => Checked(inner.Evaluate(policy, rival, cancellation));

        public void Announce(IReadOnlyList<EvaluationRequest> requests) => (inner as IForesightedEvaluator)?.Announce(requests);
    }
}
