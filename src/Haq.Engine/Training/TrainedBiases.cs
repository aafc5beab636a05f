using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Training;

/// <summary>
/// The layers' biases as inputs of a training graph: where the layer adds one itself, in the Add after a matrix product, or, where quantization gave a product a bias that the float
/// model does not have, in front of whatever reads the product.
/// </summary>
internal sealed class TrainedBiases
{
    private readonly GraphBuilder _graph;
    private readonly Dictionary<string, (QuantizedLayer Layer, BiasPlace Place)> _own = new(StringComparer.Ordinal), _added = new(StringComparer.Ordinal), _new = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Value> _sums = new(StringComparer.Ordinal);
    private readonly List<(QuantizedLayer Layer, float[] Values)> _all = [];
    private readonly HashSet<string> _constants = new(StringComparer.Ordinal);

    public TrainedBiases(GraphBuilder graph, QuantizedModel start)
    {
        _graph = graph;
        var view = new GraphView(start.Model);
        foreach (var layer in start.Layers)
        {
            if (layer.Weights is null || BiasPlace.Of(view, layer.Found) is not { } place || (layer.Bias?.Values.ToArray() ?? place.Values) is not { } values) continue;
            _all.Add((layer, values));
            if (place.Added is { } add)
            {
                _added.Add(add.Output[0], (layer, place));
                _constants.Add(add.Input[place.AddedInput]);
            }
            else
            {
                (layer.Found.Node.Is(OpNames.MatMul) ? _new : _own).Add(layer.Found.Output, (layer, place));
            }
        }
    }

    /// <summary>Every bias, with the values that it starts with.</summary>
    public IReadOnlyList<(QuantizedLayer Layer, float[] Values)> All => _all;

    /// <summary>The model's constants that they take the place of in additions.</summary>
    public IReadOnlySet<string> Constants => _constants;

    /// <summary>What a reader of a tensor sees.</summary>
    public Value Read(string tensor)
    {
        if (!_new.TryGetValue(tensor, out var product)) return _graph[tensor];
        if (!_sums.TryGetValue(tensor, out var sum)) _sums[tensor] = sum = _graph[tensor] + Input(product.Layer, product.Place);
        return sum;
    }

    /// <summary>Lets a node that is about to be added read the biases.</summary>
    public void Prepare(NodeProto node)
    {
        for (int i = 0; i < node.Input.Count; i++)
            if (_new.ContainsKey(node.Input[i])) node.Reading(i, Read(node.Input[i]).Name);
        if (_added.TryGetValue(node.Output[0], out var add)) node.Reading(add.Place.AddedInput, Input(add.Layer, add.Place).Name);
        if (!_own.TryGetValue(node.Output[0], out var own)) return;
        node.Reading(2, Input(own.Layer, own.Place).Name);
    }

    private Value Input(QuantizedLayer layer, BiasPlace place)
    {
        string name = TrainingGraph.BiasName(layer);
        int channels = layer.Found.Layer.Shape.Out;
        var bias = _graph.Find(name) ?? _graph.Input(name, DataType.Float, channels);
        return place.Shape.Length == 1 ? bias : _graph.Reshape(bias, [.. place.Shape.Select(d => (int)d)]);
    }
}
