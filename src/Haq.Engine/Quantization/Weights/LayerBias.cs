using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Weights;

/// <summary>
/// A layer's bias per output channel: real numbers, or 32-bit integers in units of input scale · weight scale, which is what an integer accumulator adds. Immutable.
/// </summary>
public sealed class LayerBias
{
    private LayerBias(ImmutableArray<float> values, ImmutableArray<int>? integers, ImmutableArray<float> scales) => (Values, Integers, Scales) = (values, integers, scales);

    /// <summary>The values that are added.</summary>
    public ImmutableArray<float> Values { get; }

    /// <summary>The integers; null where the bias is of real numbers.</summary>
    public ImmutableArray<int>? Integers { get; }

    /// <summary>The units of the integers, one per channel; empty where the bias is of real numbers.</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>A bias of real numbers.</summary>
    public static LayerBias Real(ReadOnlySpan<float> values) => new([.. values], null, []);

    /// <summary>
    /// The nearest integers to <paramref name="bias"/> in units of <paramref name="inputScale"/> times each channel's weight scale; null where one does not fit 32 bits. In a transposed
    /// convolution of several groups, channel c of every group has the weight scale c.
    /// </summary>
    public static LayerBias? Integer(ReadOnlySpan<double> bias, float inputScale, ReadOnlySpan<float> weightScales)
    {
        var (integers, scales, values) = (new int[bias.Length], new float[bias.Length], new float[bias.Length]);
        for (int c = 0; c < bias.Length; c++)
        {
            scales[c] = inputScale * weightScales[c % weightScales.Length];
            double units = Math.Round(bias[c] / scales[c]);
            if (!(Math.Abs(units) <= int.MaxValue)) return null;
            integers[c] = (int)units;
            values[c] = integers[c] * scales[c]; // int to float32, then a float32 product: as DequantizeLinear does
        }
        return new LayerBias([.. values], [.. integers], [.. scales]);
    }
}
