using System.Collections.Immutable;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>
/// What layers that were not measured would give back: proportional to the noise of their own output, by least squares through zero over those that were.
/// </summary>
internal static class DamageEstimate
{
    private const int LeastMeasured = 3;

    /// <summary>The layers with estimates, marked as such, where enough others were measured to go by and noise does damage there at all.</summary>
    public static ImmutableArray<LayerFacts> Fill(ImmutableArray<LayerFacts> layers)
    {
        double products = 0, squares = 0;
        int measured = 0;
        foreach (var layer in layers)
        {
            if (layer.GivenBack is not { } given || NoiseOf(layer) is not { } noise) continue;
            (products, squares, measured) = (products + given * noise, squares + noise * noise, measured + 1);
        }
        if (measured < LeastMeasured || products <= 0) return layers;
        return [.. layers.Select(l => l.GivenBack is null && NoiseOf(l) is { } noise ? l with { GivenBack = products / squares * noise, DamageEstimated = true } : l)];
    }

    private static double? NoiseOf(LayerFacts layer) => layer.SqnrDb is { } decibels ? Math.Pow(10, -decibels / 10) : null;
}
