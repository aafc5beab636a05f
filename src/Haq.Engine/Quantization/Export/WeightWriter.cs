using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Schema;
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
            if (written.Bits == weights.Bits && written.Layout == weights.Layout && written.IsPerTensor == weights.IsPerTensor && written.Values.SequenceEqual(weights.Values)
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
        int channels = weights.Layout.Channels;
        patch.Put(TensorData.Of($"{stem}.quantized", type, dims, Array.ConvertAll(weights.Values.ToArray(), v => (long)v)));
        patch.Put(weights.IsPerTensor ? TensorData.Scalar($"{stem}.scale", weights.Scales[0]) : TensorData.Of($"{stem}.scale", [channels], weights.Scales.AsSpan()));
        patch.Put(weights.IsPerTensor ? TensorData.Scalar($"{stem}.zero_point", type, 0) : TensorData.Of($"{stem}.zero_point", type, [channels], new long[channels]));
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}.quantized", $"{stem}.scale", $"{stem}.zero_point"], [dequantized], $"{stem}.DequantizeLinear");
        patch.Add(weights.IsPerTensor ? dequantize : dequantize.With("axis", found.OutputChannelAxis), node);
        return dequantized;
    }
}
