using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Training;

/// <summary>
/// The real weights that training starts from: the float weights, each moved into the interval that rounds to the integer that was chosen for it. So the first step sees the very
/// network that was given. From the float weights themselves, rounding to the nearest would undo what second-order rounding chose, and the bias correction that goes with it.
/// </summary>
internal static class LatentWeights
{
    // In scales, of the half that still rounds to the integer: off its edge, where the first update would decide at random.
    private const float Margin = 0.45f;

    /// <summary>The start; a width of one bit is a sign, which the float weight has already.</summary>
    public static float[] Of(QuantizedWeights rounded, float[] weights)
    {
        if (rounded.Bits == 1) return weights;
        var layout = rounded.Layout;
        var integers = rounded.Values;
        // Beyond the greatest integer no gradient reaches a weight.
        int top = IntegerRange.Symmetric(rounded.Bits).Max;
        float[] latent = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            float scale = rounded.Scales[i / layout.Inner % layout.Channels];
            latent[i] = scale * Math.Clamp(weights[i] / scale, Math.Max(integers[i] - Margin, -top), Math.Min(integers[i] + Margin, top));
        }
        return latent;
    }
}
