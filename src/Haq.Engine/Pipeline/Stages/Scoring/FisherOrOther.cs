using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Stages.Scoring;

/// <summary>Second-order scores, or another way for a network whose gradients cannot be had: what nobody chose by name must work for every network.</summary>
internal sealed class FisherOrOther(ISensitivityScorer fisher, ISensitivityScorer other) : ISensitivityScorer
{
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        try
        {
            return fisher.Score(choices, groups, cancellation);
        }
        catch (HaqException)
        {
            return other.Score(choices, groups, cancellation);
        }
    }
}
