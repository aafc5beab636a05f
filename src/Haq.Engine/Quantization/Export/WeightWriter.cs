using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Puts integer weights and their DequantizeLinear nodes into a graph, shared ones as indices that look their codebook up; layers that share both weights and widths share them there too.
/// </summary>
internal sealed class WeightWriter(GraphPatch patch, QuantizedGraph graph)
{
    private readonly SharedWeightWriter _shared = new(patch);
    private readonly Dictionary<string, List<(QuantizedWeights Weights, string Dequantized)>> _written = new(StringComparer.Ordinal);

    /// <summary>Lets the layer's node read its quantized weights and its bias.</summary>
    public void Write(QuantizedLayer layer)
    {
        var node = graph.NodeOf(layer.Found.Name);
        if (layer.Weights is { } weights) node.Input[layer.Found.WeightInput] = Dequantized(layer.Found, weights, node);
        if (layer.Bias is not null) BiasTensor.Put(patch, graph, layer);
    }

    private string Dequantized(FoundLayer found, QuantizedWeights weights, NodeProto node)
    {
        if (!_written.TryGetValue(found.Weight, out var same)) _written[found.Weight] = same = [];
        foreach (var (written, name) in same)
            if (written.Bits == weights.Bits && written.Layout == weights.Layout && written.IsPerTensor == weights.IsPerTensor && written.Block == weights.Block && written.Values.SequenceEqual(weights.Values)
                && written.Scales.AsSpan().SequenceEqual(weights.Scales.AsSpan()) && written.Codebook.AsSpan().SequenceEqual(weights.Codebook.AsSpan()))
                return name;

        string stem = patch.FreshName($"{found.Weight}_quantization");
        string dequantized = weights.IsShared ? _shared.Write($"{stem}.looked_up", [.. found.WeightShape], weights, node) : Integers(stem, found, weights, node);
        same.Add((weights, dequantized));
        return dequantized;
    }

    private string Integers(string stem, FoundLayer found, QuantizedWeights weights, NodeProto node)
    {
        string dequantized = $"{stem}.dequantized";
        var type = IntegerContainer.For(weights.Bits).Signed;
        long[] dims = [.. found.WeightShape];
        // A step per channel is a vector; one per block has the weights' shape with the blocked axis shortened.
        long[] steps = weights.IsPerTensor ? [] : [weights.Layout.Channels];
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}.quantized", $"{stem}.scale", $"{stem}.zero_point"], [dequantized], $"{stem}.DequantizeLinear");
        if (!weights.IsPerTensor) dequantize.With("axis", found.OutputChannelAxis);
        if (weights.Block > 0)
        {
            int axis = 1 - found.OutputChannelAxis;
            steps = [.. dims];
            steps[axis] /= weights.Block;
            dequantize.With("axis", axis).With("block_size", weights.Block);
            // Without zero points ONNX Runtime's MatMulNBits takes the weights of a MatMul as symmetric; Gemm has no such kernel.
            dequantize.Input.RemoveAt(2);
        }
        patch.Put(TensorData.OfBytes($"{stem}.quantized", type, dims, PackedElements.Pack(type, weights.Values)));
        patch.Put(TensorData.Of($"{stem}.scale", steps, weights.IsPerTensor ? weights.Scales.AsSpan()[..1] : weights.Scales.AsSpan()));
        if (weights.Block == 0) patch.Put(TensorData.Of($"{stem}.zero_point", type, steps, new long[weights.IsPerTensor ? 1 : weights.Scales.Length]));
        patch.Add(dequantize, node);
        return dequantized;
    }
}
