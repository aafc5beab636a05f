using Haq.Engine.Autodiff;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Quantization;

/// <summary>
/// Puts fake quantizers in front of the layers of a network that is being written into a builder: one per weight, and one per activation tensor, which all
/// layers reading it share. Steps and settings are inputs, so that the graph serves every policy that quantizes the same tensors.
/// </summary>
public sealed class FakeQuantization
{
    private readonly GraphBuilder _graph;
    private readonly bool _clippingOnly;
    private readonly Func<string, Value> _read;
    private readonly Dictionary<string, QuantizedLayer> _layers;
    private readonly Dictionary<string, Value> _quantized = new(StringComparer.Ordinal);
    private readonly List<FakeQuantizer> _quantizers = [];

    /// <summary>Quantizers for the layers of a model.</summary>
    /// <param name="graph">Where to write them.</param>
    /// <param name="layers">The layers; one without weights or activation quantizer keeps those in floating point.</param>
    /// <param name="clippingOnly">The steps of activations learn from clipped values only.</param>
    /// <param name="read">The value that readers of a tensor see; null for the tensor itself.</param>
    public FakeQuantization(GraphBuilder graph, IEnumerable<QuantizedLayer> layers, bool clippingOnly = false, Func<string, Value>? read = null)
    {
        (_graph, _clippingOnly, _read) = (graph, clippingOnly, read ?? (name => graph[name]));
        _layers = layers.ToDictionary(l => l.Found.Output, StringComparer.Ordinal);
    }

    /// <summary>What was put in, in order.</summary>
    public IReadOnlyList<FakeQuantizer> Quantizers => _quantizers;

    /// <summary>Appends what a node's inputs need and makes the node read it. Nodes that are no layers stay as they are.</summary>
    public void Prepare(NodeProto node)
    {
        if (!_layers.TryGetValue(node.Output[0], out var layer)) return;
        if (layer.Weights is { } weights)
            node.Input[layer.Found.WeightInput] = Insert(layer, layer.Found.Weight, layer.Found.OutputChannelAxis, weights.IsPerTensor ? 1 : weights.Scales.Length).Name;
        if (layer.Activation is not null) node.Input[layer.ActivationInput] = Insert(layer, layer.Found.Input, -1, 1).Name;
    }

    private Value Insert(QuantizedLayer layer, string tensor, int axis, int steps)
    {
        if (_quantized.TryGetValue(tensor, out var known)) return known;
        var x = _read(tensor);
        var quantizer = new FakeQuantizer(layer.Found.Layer.Index, tensor, axis >= 0, "haq/step/" + tensor, "haq/settings/" + tensor, x.Count / (axis >= 0 ? steps : x.Shape[0]));
        var step = _graph.Input(quantizer.Step, DataType.Float, steps);
        var settings = _graph.Input(quantizer.Settings, DataType.Float, FakeQuantizer.SettingCount);
        _quantizers.Add(quantizer);
        var result = FakeQuantizeRules.Append(_graph, x, step, settings, axis >= 0 && steps > 1 ? axis : -1, _clippingOnly && axis < 0);
        _quantized.Add(tensor, result);
        return result;
    }
}
