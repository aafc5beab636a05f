using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Quantization;

/// <summary>
/// Puts fake quantizers in front of the layers of a network that is being written into a builder: one per weight, and one per activation tensor, which all
/// layers reading it share; and where tensors between layers are quantized, in front of what reads those. They stand where the exported file has its
/// pairs. Scales and settings are inputs, so that the graph serves every policy that quantizes the same tensors.
/// </summary>
public sealed class FakeQuantization
{
    private readonly GraphBuilder _graph;
    private readonly bool _clippingOnly;
    private readonly Func<string, Value> _read;
    private readonly Dictionary<string, QuantizedLayer> _layers;
    private readonly Dictionary<string, Value> _quantized = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Node, int Input), int> _readers = [];
    private readonly Dictionary<string, int> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Value> _between = [];
    private readonly QuantizedModel? _model;
    private readonly List<FakeQuantizer> _quantizers = [];

    /// <summary>Quantizers for the layers of a whole network and the tensors between them.</summary>
    /// <param name="graph">Where to write them.</param>
    /// <param name="model">The network.</param>
    /// <param name="clippingOnly">The scales of activations learn from clipped values only.</param>
    /// <param name="read">The value that readers of a tensor see.</param>
    internal FakeQuantization(GraphBuilder graph, QuantizedModel model, bool clippingOnly, Func<string, Value> read) : this(graph, model.Layers, clippingOnly, read)
    {
        _model = model;
        for (int j = 0; j < model.Junctions.Length; j++)
        {
            var junction = model.Junctions[j].Junction;
            // All that reads what leaves the network reads what is left of it.
            if (junction.IsOutput) _outputs[junction.Tensor] = j;
            else foreach (var reader in junction.Readers) _readers[reader] = j;
        }
    }

    /// <summary>Quantizers for the layers of a model.</summary>
    /// <param name="graph">Where to write them.</param>
    /// <param name="layers">The layers; one without weights or activation quantizer keeps those in floating point.</param>
    /// <param name="clippingOnly">The scales of activations learn from clipped values only.</param>
    /// <param name="read">The value that readers of a tensor see; null for the tensor itself.</param>
    public FakeQuantization(GraphBuilder graph, IEnumerable<QuantizedLayer> layers, bool clippingOnly = false, Func<string, Value>? read = null)
    {
        (_graph, _clippingOnly, _read) = (graph, clippingOnly, read ?? (name => graph[name]));
        _layers = layers.ToDictionary(l => l.Found.Output, StringComparer.Ordinal);
    }

    /// <summary>What was put in, in order.</summary>
    public IReadOnlyList<FakeQuantizer> Quantizers => _quantizers;

    /// <summary>What readers of a tensor see that are not meant to read it quantized: the tensor, or what is left of it where it leaves the network so.</summary>
    public Value Read(string tensor) => _outputs.TryGetValue(tensor, out int junction) ? Between(junction) : _read(tensor);

    /// <summary>Appends what a node's inputs need and makes the node read it. Nodes that neither are layers nor read quantized tensors between them stay as they are.</summary>
    public void Prepare(NodeProto node)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            if (_readers.TryGetValue((node.Name, i), out int junction)) node.Reading(i, Between(junction).Name);
            else if (_outputs.ContainsKey(node.Input[i])) node.Reading(i, Read(node.Input[i]).Name);
        }
        if (!_layers.TryGetValue(node.Output[0], out var layer)) return;
        if (layer.Weights is { } weights)
            node.Reading(layer.Found.WeightInput, Insert(layer, layer.Found.Weight, layer.Found.OutputChannelAxis, weights.IsPerTensor ? 1 : weights.Scales.Length).Name);
        if (layer.Activation is not null) node.Reading(layer.ActivationInput, Insert(layer, layer.Found.Input, -1, 1).Name);
    }

    private Value Between(int junction)
    {
        if (_between.TryGetValue(junction, out var known)) return known;
        var own = _model!.Junctions[junction];
        string tensor = own.Junction.Tensor;
        if (_model.ReaderOf(own) is { } layer) return _between[junction] = Insert(layer, tensor, -1, 1);
        var x = _read(tensor);
        var quantizer = new FakeQuantizer(-1, tensor, IsWeight: false, "haq/tensor-scale/" + tensor, "haq/tensor-settings/" + tensor, x.Count / x.Shape[0]) { Junction = junction };
        return _between[junction] = Append(quantizer, x, 1, -1);
    }

    private Value Insert(QuantizedLayer layer, string tensor, int axis, int scales)
    {
        if (_quantized.TryGetValue(tensor, out var known)) return known;
        var x = Read(tensor);
        var quantizer = new FakeQuantizer(layer.Found.Layer.Index, tensor, axis >= 0, "haq/scale/" + tensor, "haq/settings/" + tensor, x.Count / (axis >= 0 ? scales : x.Shape[0]));
        var result = Append(quantizer, x, scales, axis);
        _quantized.Add(tensor, result);
        return result;
    }

    private Value Append(FakeQuantizer quantizer, Value x, int scales, int axis)
    {
        var scale = _graph.Input(quantizer.Scale, DataType.Float, scales);
        var settings = _graph.Input(quantizer.Settings, DataType.Float, FakeQuantizer.SettingCount);
        _quantizers.Add(quantizer);
        return FakeQuantizeOperator.Append(_graph, x, scale, settings, axis >= 0 && scales > 1 ? axis : -1, _clippingOnly && axis < 0);
    }
}
