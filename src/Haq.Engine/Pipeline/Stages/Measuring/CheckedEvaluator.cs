using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <summary>Gives out no figure, and so lets none into a journal, after what it was measured on changed.</summary>
/// <param name="inner">Measures.</param>
/// <param name="check">Throws where an input changed.</param>
internal sealed class CheckedEvaluator(IPolicyEvaluator inner, Action check) : IPolicyEvaluator
{
    public PolicyScore Float => inner.Float;

    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        var score = inner.Evaluate(policy, cancellation);
        check();
        return score;
    }
}
