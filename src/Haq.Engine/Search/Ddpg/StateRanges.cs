using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Ddpg;

/// <summary>The least and the greatest of every dimension of a network's layers, by which states are scaled.</summary>
/// <param name="Least">By dimension.</param>
/// <param name="Greatest">By dimension.</param>
internal sealed record StateRanges(ImmutableArray<double> Least, ImmutableArray<double> Greatest)
{
    /// <summary>The ranges of a network.</summary>
    public static StateRanges Of(IReadOnlyList<QuantizableLayer> layers)
    {
        double[][] raw = [.. layers.Select(LayerState.Raw)];
        return new StateRanges(
            [.. Enumerable.Range(0, LayerState.StepDimension).Select(d => raw.Min(r => r[d]))], [.. Enumerable.Range(0, LayerState.StepDimension).Select(d => raw.Max(r => r[d]))]);
    }

    /// <summary>A number in [0, 1]: another network's layers may lie outside the range, where they count as its ends.</summary>
    public float Scale(int dimension, double value)
    {
        double width = Greatest[dimension] - Least[dimension];
        return width > 0 ? (float)Math.Clamp((value - Least[dimension]) / width, 0, 1) : 0;
    }
}
