using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>Weights with a scale per block of a channel, as ONNX's blocked DequantizeLinear and ONNX Runtime's MatMulNBits take them.</summary>
internal static class BlockedWeights
{
    /// <summary>The block where none is asked for.</summary>
    public const int Usual = 32;

    private const int WidestBits = 4;

    /// <summary>The block of a layer at a width: <paramref name="block"/> where it is a product with one matrix on the right whose rows it divides, otherwise 0.</summary>
    public static int SizeFor(FoundLayer found, ChannelLayout layout, Bitwidth bits, int block)
    {
        bool product = (found.Node.Is(OpNames.MatMul) || found.Node.Is(OpNames.Gemm)) && found.WeightInput == 1 && found.WeightShape.Length == 2;
        return product && bits.Bits is > 1 and <= WidestBits && block > 0 && layout.PerChannel % block == 0 && layout.PerChannel > block ? block : 0;
    }

    /// <summary>
    /// Rounds to the nearest integers; every block has the scale of least squared error, each weight's error weighed by
    /// <paramref name="importance"/> (one row for all channels, or empty).
    /// </summary>
    public static QuantizedWeights Quantize(ReadOnlySpan<float> weights, ChannelLayout layout, Bitwidth bits, WeightRange range, int block, ReadOnlySpan<float> importance)
    {
        int blocks = layout.PerChannel / block;
        float[] rows = new float[layout.Count], factors = new float[importance.Length == 0 ? 0 : layout.Count];
        float[] channel = new float[layout.PerChannel];
        // A block is a channel of its own to what searches scales: row (channel, block) holds its weights.
        for (int c = 0; c < layout.Channels; c++)
        {
            layout.Gather(weights, c, channel);
            channel.CopyTo(rows, c * layout.PerChannel);
            if (factors.Length > 0) importance.CopyTo(factors.AsSpan(c * layout.PerChannel));
        }
        var rounded = WeightQuantizer.Quantize(rows, new ChannelLayout(1, layout.Channels * blocks, block), bits, range, factors);
        short[] values = new short[layout.Count];
        float[] scales = new float[rounded.Scales.Length];
        for (int c = 0; c < layout.Channels; c++)
        {
            layout.Scatter(rounded.Values.Slice(c * layout.PerChannel, layout.PerChannel), c, values);
            for (int b = 0; b < blocks; b++) scales[layout.Inner == 1 ? b * layout.Channels + c : c * blocks + b] = rounded.Scales[c * blocks + b];
        }
        return new QuantizedWeights(values, [.. scales], layout, bits, block: block);
    }
}
