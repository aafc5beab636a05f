using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
    private readonly GraphView _source;
    private readonly GraphView _view;
    private readonly GraphPatch _patch;

    // Constants are changed one at a time when they are written, so that no more than one of a large network is in memory.
    private readonly Dictionary<(string Output, int Input), Changed> _changed = [];

    private SmoothedGraph(GraphView source, OnnxModel copy) => (_source, _view, _patch) = (source, new GraphView(copy), new GraphPatch(copy, "even out channels"));

    /// <summary>The model with the factors in it; <paramref name="model"/> itself stays. A huge one's constants are in its <see cref="OnnxModel.Storage"/>.</summary>
    public static OnnxModel Write(QuantizableModel model, IReadOnlyList<SmoothedTensor> smoothed) => Write(model, smoothed, model.Float.IsHuge);

    /// <summary>The same, with the constants in a file or in memory.</summary>
    public static OnnxModel Write(QuantizableModel model, IReadOnlyList<SmoothedTensor> smoothed, bool inFile)
    {
        var copy = model.Float.Clone();
        var graph = new SmoothedGraph(model.View, copy);
        var sites = SmoothingSite.Find(model.View, model.Shapes, model.Layers).ToDictionary(s => s.Tensor, StringComparer.Ordinal);
        foreach (var tensor in smoothed) graph.EvenOut(sites[tensor.Tensor], tensor, model.Shapes[tensor.Tensor].Rank);
        var later = new Dictionary<string, Func<byte[]>>(StringComparer.Ordinal);
        foreach (var ((output, input), changed) in graph._changed) graph.Put(graph._view.ProducerOf(output)!, input, changed, inFile ? later : null);
        graph._patch.Apply();
        return inFile ? OutsourcedModel.Write(copy, later) : copy;
    }

    private void EvenOut(SmoothingSite site, SmoothedTensor tensor, int rank)
    {
        var (factors, offsets) = (tensor.Factors, tensor.Offsets);
        var nodes = site.Readers.Select(r => _view.ProducerOf(r.Output)!).ToArray();
        for (int r = 0; r < nodes.Length; r++)
        {
            var reader = ReaderChannels.Of(site.Readers[r], site.Channels);
            var weights = Constant(nodes[r], 1);
            if (!offsets.IsEmpty) GiveBack(nodes[r], reader, weights, offsets);
            weights.Add(values =>
            {
                for (int i = 0; i < values.Length; i++) values[i] *= factors[reader.ChannelOf(i)];
            });
        }
        if (site.Producer is { } before && offsets.IsEmpty) Divide(_view.ProducerOf(before.Node.Output[0])!, before, factors);
        else PutBetween(site, nodes, tensor, rank);
    }

    /// <summary>Adds W·offset to the bias of a layer whose input lacks the offset. Output channels behind this layer may have been divided already: its weights then hold that, too.</summary>
    private void GiveBack(NodeProto node, ReaderChannels reader, Changed weights, ImmutableArray<float> offsets)
    {
        int before = weights.Count;
        Bias(node, reader.Outputs).Add(bias =>
        {
            float[] values = weights.Values(before);
            double[] lost = new double[reader.Outputs];
            for (int i = 0; i < values.Length; i++) lost[reader.OutputOf(i)] += (double)values[i] * offsets[reader.ChannelOf(i)];
            for (int o = 0; o < bias.Length; o++) bias[o] = (float)(bias[o] + lost[o]);
        });
    }

    private void Divide(NodeProto node, EqualizedLayer layer, ImmutableArray<float> factors)
    {
        Constant(node, 1).Add(values =>
        {
            for (int i = 0; i < values.Length; i++) values[i] /= factors[layer.OutputOf(i)];
        });
        if (node.InputAt(2).Length == 0 && !_changed.ContainsKey((node.Output[0], 2))) return;
        Bias(node, factors.Length).Add(bias =>
        {
            for (int c = 0; c < bias.Length; c++) bias[c] /= factors[c];
        });
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

    private Changed Bias(NodeProto node, int channels)
    {
        if (node.InputAt(2).Length == 0 && !_changed.ContainsKey((node.Output[0], 2))) _changed[(node.Output[0], 2)] = new Changed(() => new float[channels]);
        return Constant(node, 2);
    }

    // A layer may be before one tensor and behind another: both change the same numbers.
    private Changed Constant(NodeProto node, int input)
    {
        string name = node.InputAt(input);
        if (!_changed.TryGetValue((node.Output[0], input), out var changed)) _changed[(node.Output[0], input)] = changed = new Changed(() => _source.Floats(name)!);
        return changed;
    }

    private void Put(NodeProto node, int input, Changed changed, Dictionary<string, Func<byte[]>>? later)
    {
        string old = node.InputAt(input), name = _patch.FreshName($"{(old.Length > 0 ? old : node.Name + ".bias")}.smoothed");
        bool isOld = old.Length > 0;
        if (later is not null && isOld)
        {
            _patch.Put(OutsourcedModel.Placeholder(name, TensorData.Dims(_view.ConstantOf(old)!)));
            later.Add(name, () => MemoryMarshal.AsBytes(changed.Values().AsSpan()).ToArray());
        }
        else
        {
            float[] values = changed.Values();
            _patch.Put(TensorData.Of(name, isOld ? TensorData.Dims(_view.ConstantOf(old)!) : [values.Length], values));
        }
        if (isOld && _view.IsInitializer(old) && _view.ConsumersOf(old).Count == 1) _patch.RemoveInitializer(old);
        _patch.Read(node, input, name);
    }

    /// <summary>A constant and what is done to it, in order.</summary>
    private sealed class Changed(Func<float[]> original)
    {
        private readonly List<Action<float[]>> _changes = [];

        public int Count => _changes.Count;

        public void Add(Action<float[]> change) => _changes.Add(change);

        public float[] Values() => Values(Count);

        public float[] Values(int changes)
        {
            float[] values = original();
            foreach (var change in _changes.Take(changes)) change(values);
            return values;
        }
    }
}
