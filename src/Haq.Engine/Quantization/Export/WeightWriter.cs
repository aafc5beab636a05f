using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Puts integer weights and their DequantizeLinear nodes into a graph, shared ones as indices that look their codebook up; layers that share both weights and widths share them there too.
/// </summary>
internal sealed class WeightWriter(GraphPatch patch, QuantizedGraph graph, IReadOnlySet<string> twoBits)
{
    private readonly SharedWeightWriter _shared = new(patch);
    private readonly Dictionary<string, List<(QuantizedWeights Weights, bool Unsigned, bool IsTwoBits, string Dequantized)>> _written = new(StringComparer.Ordinal);

    /// <summary>Lets the layer's node read its quantized weights and its bias.</summary>
    public void Write(QuantizedLayer layer)
    {
        var node = graph.NodeOf(layer.Found.Name);
        if (layer.Weights is { } weights) patch.Read(node, layer.Found.WeightInput, Dequantized(layer.Found, weights, graph.Form is null && MaySaturate(layer, weights), node));
        if (layer.Bias is not null) BiasTensor.Put(patch, graph, layer);
    }

    private string Dequantized(FoundLayer found, QuantizedWeights weights, bool unsigned, NodeProto node)
    {
        if (!_written.TryGetValue(found.Weight, out var same)) _written[found.Weight] = same = [];
        bool isTwoBits = twoBits.Contains(found.Name);
        foreach (var (written, writtenUnsigned, writtenInTwo, name) in same)
        {
            if (writtenUnsigned == unsigned && writtenInTwo == isTwoBits && written.Bits == weights.Bits && written.Layout == weights.Layout
                && written.IsPerTensor == weights.IsPerTensor && written.Block == weights.Block && written.Values.SequenceEqual(weights.Values)
                && written.Scales.AsSpan().SequenceEqual(weights.Scales.AsSpan()) && written.Codebook.AsSpan().SequenceEqual(weights.Codebook.AsSpan()))
            {
                return name;
            }
        }

        string stem = patch.FreshStem($"{found.Weight}_quantization");
        string dequantized = weights.IsShared ? _shared.Write($"{stem}.looked_up", [.. found.WeightShape], weights, node) : Integers(stem, found, weights, unsigned, node);
        same.Add((weights, unsigned, isTwoBits, dequantized));
        return dequantized;
    }

    // ONNX Runtime's kernels for unsigned weights widen before they add; they take 1.2 to 1.5 times as long on AVX2, and more where there is VNNI.
    internal static bool MaySaturate(QuantizedLayer layer, QuantizedWeights weights)
    {
        if (!layer.IsDynamic && (layer.Activation is not { } activation || activation.Range.Max >> PairSums.HarmlessActivations == 0)) return false;
        if (weights.Bits.Bits is <= PairSums.HarmlessWeights or > 8) return false;
        if (weights.IsShared || weights.Block > 0 || layer.Bits.Activations.Bits > 8 || PairSums.Of(layer.Found) is not { } pairs) return false;
        var parts = ChannelParts.Of(layer.Found);
        short[] channel = new short[parts.PerOutput];
        for (int o = 0; o < parts.Outputs; o++)
        {
            parts.Gather(weights.Values, o, channel);
            if (pairs.Worst(channel) > PairSums.Most) return true;
        }
        return false;
    }

    private string Integers(string stem, FoundLayer found, QuantizedWeights weights, bool unsigned, NodeProto node)
    {
        string dequantized = $"{stem}.dequantized";
        var container = twoBits.Contains(found.Name) ? IntegerContainer.TwoBits : IntegerContainer.For(weights.Bits);
        var type = unsigned ? container.Unsigned : container.Signed;
        int zero = unsigned ? 1 << (container.Bits - 1) : 0;
        long[] dims = [.. found.WeightShape];
        // A scale per channel is a vector; one per block has the weights' shape with the blocked axis shortened.
        long[] scaleDims = weights.IsPerTensor ? [] : [weights.Layout.Channels];
        // Without zero points ONNX Runtime's MatMulNBits takes the weights of a MatMul as symmetric; Gemm has no such kernel.
        string[] inputs = weights.Block > 0 ? [$"{stem}.quantized", $"{stem}.scale"] : [$"{stem}.quantized", $"{stem}.scale", $"{stem}.zero_point"];
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, inputs, [dequantized], $"{stem}.DequantizeLinear");
        if (!weights.IsPerTensor) dequantize.With("axis", found.OutputChannelAxis);
        if (weights.Block > 0)
        {
            int axis = 1 - found.OutputChannelAxis;
            scaleDims = [.. dims];
            scaleDims[axis] /= weights.Block;
            dequantize.With("axis", axis).With("block_size", weights.Block);
        }
        patch.Put(TensorData.OfBytes($"{stem}.quantized", type, dims, PackedElements.Pack(type, Shifted(weights.Values, zero))));
        patch.Put(TensorData.Of($"{stem}.scale", scaleDims, weights.IsPerTensor ? weights.Scales.AsSpan()[..1] : weights.Scales.AsSpan()));
        if (weights.Block == 0) patch.Put(TensorData.Of($"{stem}.zero_point", type, scaleDims, Enumerable.Repeat((long)zero, weights.IsPerTensor ? 1 : weights.Scales.Length).ToArray()));
        patch.Add(dequantize, node);
        return dequantized;
    }

    private static ReadOnlySpan<short> Shifted(ReadOnlySpan<short> values, int by)
    {
        if (by == 0) return values;
        short[] shifted = values.ToArray();
        for (int i = 0; i < shifted.Length; i++) shifted[i] += (short)by;
        return shifted;
    }
}
