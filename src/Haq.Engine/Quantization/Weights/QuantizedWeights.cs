using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Quantization.Weights;

/// <summary>A weight tensor as integers with one step per output channel. Immutable.</summary>
public sealed class QuantizedWeights
{
    private readonly short[] _values;

    /// <summary>Integers in the tensor's storage order and a step per channel.</summary>
    /// <exception cref="ArgumentException">The counts do not fit the layout.</exception>
    public QuantizedWeights(ReadOnlySpan<short> values, ImmutableArray<float> scales, ChannelLayout layout, Bitwidth bits)
    {
        if (values.Length != layout.Count || scales.Length != layout.Channels)
            throw new ArgumentException($"{values.Length} values and {scales.Length} steps do not fit {layout}", nameof(values));
        (_values, Scales, Layout, Bits) = (values.ToArray(), scales, layout, bits);
    }

    /// <summary>The integers, in the tensor's storage order.</summary>
    public ReadOnlySpan<short> Values => _values;

    /// <summary>A step per output channel, positive.</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>Where the channels lie.</summary>
    public ChannelLayout Layout { get; }

    /// <summary>The width that was asked for; the integers are in <see cref="IntegerRange.Symmetric"/> of it.</summary>
    public Bitwidth Bits { get; }

    /// <summary>The values that the integers stand for, number for number as DequantizeLinear computes them.</summary>
    public void Dequantize(Span<float> weights)
    {
        for (int o = 0, at = 0; o < Layout.Outer; o++)
        {
            for (int c = 0; c < Layout.Channels; c++)
            {
                float scale = Scales[c];
                for (int i = 0; i < Layout.Inner; i++, at++) weights[at] = _values[at] * scale;
            }
        }
    }
}
