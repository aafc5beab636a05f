namespace Haq.Engine.Quantization;

/// <summary>How wide the accumulator of an integer kernel must be for a layer.</summary>
public static class AccumulatorWidth
{
    /// <summary>What integer hardware and ONNX Runtime's kernels accumulate in.</summary>
    public const int Usual = 32;

    /// <summary>
    /// The bits of the narrowest two's complement number that holds Σ w·(x − z) + b for every output channel and every input that the quantizer can make, exact for these weights; null where the
    /// layer is not computed in integers.
    /// </summary>
    public static int? Of(QuantizedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer is not { Weights: { IsShared: false } weights, Activation: { } activation }) return null;
        var parts = Rounding.ChannelParts.Of(layer.Found);
        long above = activation.Range.Max - activation.ZeroPoint, below = activation.ZeroPoint - activation.Range.Min;
        short[] channel = new short[parts.PerOutput];
        int bits = 1;
        for (int o = 0; o < parts.Outputs; o++)
        {
            parts.Gather(weights.Values, o, channel);
            long positive = 0, negative = 0;
            foreach (short w in channel)
            {
                if (w > 0) positive += w;
                else negative -= w;
            }
            long bias = layer.Bias?.Integers is { } integers ? integers[o] : 0;
            // Partial sums pass through everything between the extremes of products and bias, whatever the order.
            long most = positive * above + negative * below + Math.Max(0, bias), least = -(positive * below + negative * above) + Math.Min(0, bias);
            while (most > (1L << (bits - 1)) - 1 || least < -(1L << (bits - 1))) bits++;
        }
        return bits;
    }
}
