using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>
/// A weight tensor as integers with one scale per output channel, or per block of so many weights of a channel; or as indices into a codebook that all channels share. Immutable.
/// </summary>
public sealed class QuantizedWeights
{
    private readonly MappedNumbers<short> _values;

    /// <summary>Integers in the tensor's storage order and a scale per channel, or with <paramref name="block"/> above 0 per block.</summary>
    /// <exception cref="ArgumentException">The counts do not fit the layout, or the block does not divide a channel that runs along one axis.</exception>
    public QuantizedWeights(ReadOnlySpan<short> values, ImmutableArray<float> scales, ChannelLayout layout, Bitwidth bits, bool perTensor = false, int block = 0)
    {
        if (block > 0 && (layout.PerChannel % block != 0 || (layout.Outer > 1 && layout.Inner > 1)))
            throw new ArgumentException($"blocks of {block} do not divide {layout}", nameof(block));
        int count = block == 0 ? layout.Channels : layout.Count / block;
        if (values.Length != layout.Count || scales.Length != count)
            throw new ArgumentException($"{values.Length} values and {scales.Length} scales do not fit {layout}", nameof(values));
        if (perTensor && scales.AsSpan().ContainsAnyExcept(scales[0])) throw new ArgumentException("one scale for all channels was promised", nameof(scales));
        (_values, Scales, Layout, Bits, Codebook, IsPerTensor, Block) = (MappedNumbers<short>.Of(values), scales, layout, bits, [], perTensor, block);
    }

    private QuantizedWeights(MappedNumbers<short> indices, ImmutableArray<float> codebook, ChannelLayout layout, Bitwidth bits) =>
        (_values, Scales, Layout, Bits, Codebook) = (indices, [], layout, bits, codebook);

    /// <summary>Weights that share the values of a codebook.</summary>
    /// <param name="indices">Which value each weight takes, in the tensor's storage order.</param>
    /// <param name="codebook">At most 2^<paramref name="bits"/> values.</param>
    /// <param name="layout">Where the channels lie.</param>
    /// <param name="bits">The width of an index.</param>
    /// <exception cref="ArgumentException">The counts do not fit the layout or the width, or an index has no value.</exception>
    public static QuantizedWeights Shared(ReadOnlySpan<short> indices, ImmutableArray<float> codebook, ChannelLayout layout, Bitwidth bits)
    {
        if (indices.Length != layout.Count) throw new ArgumentException($"{indices.Length} indices do not fit {layout}", nameof(indices));
        if (codebook.IsDefaultOrEmpty || codebook.Length > 1 << bits) throw new ArgumentException($"{bits} bits cannot choose among {codebook.Length} values", nameof(codebook));
        foreach (short index in indices)
            if (index < 0 || index >= codebook.Length) throw new ArgumentException($"index {index} of {codebook.Length}", nameof(indices));
        return new QuantizedWeights(MappedNumbers<short>.Of(indices), codebook, layout, bits);
    }

    /// <summary>The integers or indices, in the tensor's storage order. Whoever reads them keeps the weights.</summary>
    public ReadOnlySpan<short> Values => _values.Span;

    /// <summary>The values that weights share, ascending; empty where each channel has its own scale.</summary>
    public ImmutableArray<float> Codebook { get; }

    /// <summary>The weights are indices into <see cref="Codebook"/>.</summary>
    public bool IsShared => !Codebook.IsEmpty;

    /// <summary>A scale per output channel, or per block in the order of the tensor with its blocked axis shortened; positive. Empty where weights are shared.</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>All channels have to share one scale: files and training keep a single number.</summary>
    public bool IsPerTensor { get; }

    /// <summary>Where the channels lie.</summary>
    public ChannelLayout Layout { get; }

    /// <summary>The width that was asked for; integers are in <see cref="IntegerRange.Symmetric"/> of it, indices below two to its power.</summary>
    public Bitwidth Bits { get; }

    /// <summary>Weights of a channel that share a scale; 0 where the whole channel does.</summary>
    public int Block { get; }

    /// <summary>The values that the integers stand for, number for number as DequantizeLinear (or, for shared weights, Gather) computes them.</summary>
    public void Dequantize(Span<float> weights)
    {
        var values = Values;
        if (IsShared)
        {
            for (int i = 0; i < values.Length; i++) weights[i] = Codebook[values[i]];
            GC.KeepAlive(this);
            return;
        }
        for (int o = 0, at = 0; o < Layout.Outer; o++)
        {
            for (int c = 0; c < Layout.Channels; c++)
            {
                for (int i = 0; i < Layout.Inner; i++, at++) weights[at] = values[at] * Scales[ScaleOf(o, c, i)];
            }
        }
        GC.KeepAlive(this);
    }

    private int ScaleOf(int outer, int channel, int inner) =>
        Block == 0 ? channel : Layout.Inner == 1 ? outer / Block * Layout.Channels + channel : channel * (Layout.Inner / Block) + inner / Block;
}
