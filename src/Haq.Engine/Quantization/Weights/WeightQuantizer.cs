using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using Haq.Engine.Layers;

namespace Haq.Engine.Quantization.Weights;

/// <summary>Symmetric quantization of weights to the nearest integer, with a scale per output channel.</summary>
public static class WeightQuantizer
{
    private const int SmallTensor = 1 << 14, TileChannels = 16;

    /// <summary>
    /// Quantizes <paramref name="weights"/>. <paramref name="importance"/>, where given, weighs the squared error of each of a channel's values
    /// (in storage order, one row for all channels, or a row per channel).
    /// </summary>
    /// <exception cref="ArgumentException">The counts do not fit the layout.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public static QuantizedWeights Quantize(
        ReadOnlyMemory<float> weights, ChannelLayout layout, Bitwidth bits, WeightRange method, ReadOnlyMemory<float> importance = default, bool perChannel = true)
    {
        if (weights.Length != layout.Count) throw new ArgumentException($"{weights.Length} weights do not fit {layout}", nameof(weights));
        return Round(weights, layout, bits, Scales(weights, layout, bits, method, importance, perChannel), perChannel);
    }

    /// <summary>The nearest integers for given scales.</summary>
    internal static QuantizedWeights Round(ReadOnlyMemory<float> weights, ChannelLayout layout, Bitwidth bits, float[] scales, bool perChannel = true)
    {
        short[] values = new short[layout.Count];
        int length = layout.PerChannel;
        ForChannels(layout, (first, count) =>
        {
            float[] channels = new float[count * length];
            short[] rounded = new short[channels.Length];
            layout.Gather(weights.Span, first, count, channels, length);
            for (int c = 0; c < count; c++) Round(channels.AsSpan(c * length, length), scales[first + c], bits, rounded.AsSpan(c * length));
            layout.Scatter<short>(rounded, length, first, count, values);
        });
        return new QuantizedWeights(values, ImmutableArray.Create(scales), layout, bits, !perChannel);
    }

    /// <summary>The scale of each channel.</summary>
    internal static float[] Scales(
        ReadOnlyMemory<float> weights, ChannelLayout layout, Bitwidth bits, WeightRange method, ReadOnlyMemory<float> importance = default, bool perChannel = true)
    {
        if (!perChannel)
        {
            if (importance.Length != layout.Count) importance = default;
            float[] one = Scales(weights, new ChannelLayout(1, 1, layout.Count), bits, method, importance);
            return [.. Enumerable.Repeat(one[0], layout.Channels)];
        }
        if (importance.Length != 0 && importance.Length != layout.PerChannel && importance.Length != layout.Count)
            throw new ArgumentException($"{importance.Length} importances do not fit {layout}", nameof(importance));
        float[] scales = new float[layout.Channels];
        int length = layout.PerChannel, padded = (length + Vector256<float>.Count - 1) / Vector256<float>.Count * Vector256<float>.Count;
        ForChannels(layout, (first, count) =>
        {
            float[] channels = new float[count * padded], factors = new float[importance.Length == layout.Count ? channels.Length : padded];
            layout.Gather(weights.Span, first, count, channels, padded);
            if (importance.Length == 0) factors.AsSpan(0, length).Fill(1);
            else if (importance.Length == length) importance.Span.CopyTo(factors);
            else layout.Gather(importance.Span, first, count, factors, padded);
            for (int c = 0; c < count; c++)
                scales[first + c] = Scale(channels.AsSpan(c * padded, padded), factors.AsSpan(factors.Length > padded ? c * padded : 0, padded), length, bits, method);
        });
        return scales;
    }

    private static float Scale(ReadOnlySpan<float> channel, ReadOnlySpan<float> importance, int count, Bitwidth bits, WeightRange method)
    {
        float greatest = 0;
        double sum = 0;
        foreach (float w in channel)
        {
            greatest = Math.Max(greatest, Math.Abs(w));
            sum += Math.Abs(w);
        }
        if (greatest < 1e-30f) return 1; // nothing there, or nothing that float32 could divide by
        // One bit is a sign: the mean magnitude is the scale of least error (Rastegari et al., XNOR-Net, eq. 6).
        if (bits.Bits == 1) return (float)(sum / count);
        int top = IntegerRange.Symmetric(bits).Max;
        return method == WeightRange.Max ? greatest / top : ClippingSearch.Find(channel, importance, greatest, top);
    }

    private static void Round(ReadOnlySpan<float> channel, float scale, Bitwidth bits, Span<short> rounded)
    {
        var quantizer = new Quantizer(scale, 0, IntegerRange.Symmetric(bits));
        for (int i = 0; i < channel.Length; i++)
            rounded[i] = (short)(bits.Bits == 1 ? (channel[i] < 0 ? -1 : 1) : quantizer.Quantize(channel[i]));
    }

    // A cache line of neighbours at a time where they lie side by side.
    private static void ForChannels(ChannelLayout layout, Action<int, int> body)
    {
        int tile = layout.Inner >= TileChannels ? 1 : TileChannels, tiles = (layout.Channels + tile - 1) / tile;
        if (layout.Count < SmallTensor)
            for (int t = 0; t < tiles; t++) Run(t);
        else
            Parallel.For(0, tiles, Run);

        void Run(int t) => body(t * tile, Math.Min(tile, layout.Channels - t * tile));
    }
}
