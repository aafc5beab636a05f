using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Quantization.Tensors;

/// <summary>
/// Masks of attention. A softmax turns what lies far enough below the greatest score into nothing, and masks of −10,000 or of the least number there is say no more than that; a grid that reached so
/// far would have no level left for scores. What is added up to a softmax therefore reaches as low as makes a difference, and no lower.
/// </summary>
internal static class SoftmaxReach
{
    /// <summary>Scores are above it, masks below.</summary>
    public const float Mask = Calibration.MaskedScore.Floor;

    // e^-20 of the greatest is below half a scale of 16 bits by four thousand times.
    private const float Nothing = 20;

    // Where scores end and masks begin when both are in one histogram, above Mask by what scores add to it.
    private const float LeastScore = Mask / 4;

    /// <summary>The quantizer of a tensor that is added up to a softmax; null where it holds no mask.</summary>
    public static Quantizer? QuantizerOf(StreamedHistogram own, StreamedHistogram sum, IntegerRange range)
    {
        if (own.Min > LeastScore) return null;
        var (low, high) = Scores(own);
        var (least, greatest) = Scores(sum);
        float reach = Math.Min(low, low - (greatest - least)) - Nothing;
        return Grid.Spanning(Math.Min(0, Math.Max(own.Min, reach)), Math.Max(0, high), range);
    }

    private static (float Low, float High) Scores(StreamedHistogram histogram)
    {
        float low = 0;
        foreach (var (value, _) in histogram.Points())
            if (value > LeastScore) low = Math.Min(low, value);
        return (low, Math.Max(0, histogram.Max));
    }
}
