using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Preparation;
using Onnx;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>
/// Writes factors into a copy of a model: into the layer before a tensor where that takes them, otherwise as a Mul, after a Sub where channels are
/// centred, in front of the layers that read it.
/// </summary>
internal sealed class SmoothedGraph
{
    private readonly GraphView _view;
    private readonly GraphPatch _patch;
    private readonly Dictionary<(string Output, int Input), float[]> _changed = [];

    private SmoothedGraph(OnnxModel copy) => (_view, _patch) = (new GraphView(copy), new GraphPatch(copy, "even out channels"));

    /// <summary>The model with the factors in it; <paramref name="model"/> itself stays.</summary>
    public static OnnxModel Write(QuantizableModel model, IReadOnlyList<SmoothedTensor> smoothed)
    {
        var copy = model.Float.Clone();
        var graph = new SmoothedGraph(copy);
        var sites = SmoothingSite.Find(model.View, model.Shapes, model.Layers).ToDictionary(s => s.Tensor, StringComparer.Ordinal);
        foreach (var tensor in smoothed) graph.EvenOut(sites[tensor.Tensor], tensor, model.Shapes[tensor.Tensor].Rank);
        foreach (var ((output, input), values) in graph._changed) graph.Put(graph._view.ProducerOf(output)!, input, values);
        graph._patch.Apply();
        return copy;
    }

    private void EvenOut(SmoothingSite site, SmoothedTensor tensor, int rank)
    {
        var (factors, offsets) = (tensor.Factors, tensor.Offsets);
        var nodes = site.Readers.Select(r => _view.ProducerOf(r.Output)!).ToArray();
        for (int r = 0; r < nodes.Length; r++)
        {
            var reader = ReaderWeights.Of(_view, site.Readers[r], site.Channels, Layers.Bitwidth.Eight);
            float[] weights = ValuesOf(nodes[r], 1);
            if (!offsets.IsEmpty) GiveBack(nodes[r], reader, weights, offsets);
            for (int i = 0; i < weights.Length; i++) weights[i] *= factors[reader.ChannelOf(i)];
        }
        if (site.Producer is { } before && offsets.IsEmpty) Divide(_view.ProducerOf(before.Node.Output[0])!, before, factors);
        else PutBetween(site, nodes, tensor, rank);
    }

    /// <summary>Adds W·offset to the bias of a layer whose input lacks the offset. Output channels behind this layer may have been divided already: its weights then hold that, too.</summary>
    private void GiveBack(NodeProto node, ReaderWeights reader, float[] weights, ImmutableArray<float> offsets)
    {
        double[] lost = new double[reader.Outputs];
        for (int i = 0; i < weights.Length; i++) lost[reader.OutputOf(i)] += (double)weights[i] * offsets[reader.ChannelOf(i)];
        float[] bias = BiasOf(node, reader.Outputs);
        for (int o = 0; o < bias.Length; o++) bias[o] = (float)(bias[o] + lost[o]);
    }

    private void Divide(NodeProto node, EqualizedLayer layer, ImmutableArray<float> factors)
    {
        float[] weights = ValuesOf(node, 1);
        for (int i = 0; i < weights.Length; i++) weights[i] /= factors[layer.OutputOf(i)];
        if (node.InputAt(2).Length == 0 && !_changed.ContainsKey((node.Output[0], 2))) return;
        float[] bias = BiasOf(node, factors.Length);
        for (int c = 0; c < bias.Length; c++) bias[c] /= factors[c];
    }

    private void PutBetween(SmoothingSite site, NodeProto[] readers, SmoothedTensor tensor, int rank)
    {
        long[] shape = [.. Enumerable.Repeat(1L, rank - site.Axis)];
        shape[0] = site.Channels;
        string source = site.Tensor;
        if (!tensor.Offsets.IsEmpty)
        {
            string offsets = _patch.FreshName($"{site.Tensor}.centres"), centred = _patch.FreshName($"{site.Tensor}.centred");
            _patch.Put(TensorData.Of(offsets, shape, tensor.Offsets.AsSpan()));
            _patch.Add(OnnxNode.Of(OpNames.Sub, [source, offsets], [centred], _patch.FreshName($"{site.Tensor}.Centre")), readers[0]);
            source = centred;
        }
        string inverse = _patch.FreshName($"{site.Tensor}.stretch"), stretched = _patch.FreshName($"{site.Tensor}.smoothed");
        _patch.Put(TensorData.Of(inverse, shape, [.. tensor.Factors.Select(f => 1 / f)]));
        _patch.Add(OnnxNode.Of(OpNames.Mul, [source, inverse], [stretched], _patch.FreshName($"{site.Tensor}.Smooth")), readers[0]);
        foreach (var node in readers) _patch.Read(node, 0, stretched);
    }

    private float[] BiasOf(NodeProto node, int channels)
    {
        if (node.InputAt(2).Length == 0 && !_changed.ContainsKey((node.Output[0], 2))) _changed[(node.Output[0], 2)] = new float[channels];
        return ValuesOf(node, 2);
    }

    // A layer may be before one tensor and behind another: both change the same numbers.
    private float[] ValuesOf(NodeProto node, int input)
    {
        if (!_changed.TryGetValue((node.Output[0], input), out float[]? values)) _changed[(node.Output[0], input)] = values = _view.Floats(node.Input[input])!;
        return values;
    }

    private void Put(NodeProto node, int input, float[] values)
    {
        string old = node.InputAt(input), name = _patch.FreshName($"{(old.Length > 0 ? old : node.Name + ".bias")}.smoothed");
        _patch.Put(TensorData.Of(name, old.Length > 0 ? TensorData.Dims(_view.ConstantOf(old)!) : [values.Length], values));
        if (old.Length > 0 && _view.IsInitializer(old) && _view.ConsumersOf(old).Count == 1) _patch.RemoveInitializer(old);
        _patch.Read(node, input, name);
    }
}
