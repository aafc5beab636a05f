using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Says how much each choice of bits hurts by itself. Scores of one table compare with each other; whether they are nats, and what they cost to make, is the scorer's own.
/// No scorer forces them to fall with bits.
/// </summary>
public interface ISensitivityScorer
{
    /// <summary>Scores the widths that occur in <paramref name="choices"/>.</summary>
    /// <param name="choices">By layer; ascending by weights, then activations.</param>
    /// <param name="groups">Layers that share activation bits, each with ascending members.</param>
    /// <param name="cancellation">Ends it between two measurements.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation);
}
