using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>
/// A network's file under one policy, whose nodes are told apart by the layer that they belong to: the last one, in execution order, that they depend on. What only unpacks constants, and the
/// dequantization of what another layer made, belongs to whoever reads it.
/// </summary>
internal sealed class ExportedNetwork
{
    private const int Start = -1, Shared = -2;

    private readonly QuantizableModel _source;
    private readonly OnnxModel _model;
    private readonly GraphView _view;
    private readonly ShapeTable _shapes;
    private readonly Dictionary<NodeProto, int> _owners = new(ReferenceEqualityComparer.Instance);

    /// <param name="source">The float network.</param>
    /// <param name="model">Its file.</param>
    public ExportedNetwork(QuantizableModel source, OnnxModel model)
    {
        (_source, _model, _view) = (source, model, new GraphView(model));
        _shapes = ShapeProbe.Infer(_view, source.InputShapes);
        var sourceOwners = SourceOwners();
        foreach (var node in _view.Order) _owners[node] = OwnerOf(node, sourceOwners);
    }

    /// <summary>The whole network, with the extents of its inputs written down.</summary>
    public ProbeModel Whole() => Cut(_view.Order, appended: null);

    /// <summary>What comes before the first layer; null where nothing does.</summary>
    public ProbeModel? BeforeLayers() => _view.Order.Where(n => _owners[n] == Start).ToArray() is { Length: > 0 } nodes ? Cut(nodes, appended: null) : null;

    /// <summary>A layer with everything that belongs to it.</summary>
    public ProbeModel Group(int layer) => Cut(_view.Order.Where(n => _owners[n] == layer), appended: null);

    /// <summary>A layer by itself, its result quantized as in the network; null where that is its group.</summary>
    public ProbeModel? Alone(int layer)
    {
        var found = _source.Layers[layer];
        var node = _view.ProducerOf(found.Output);
        var nodes = _view.Order.Where(n => _owners[n] == layer).ToArray();
        if (node is null || _owners[node] != layer || nodes.All(n => n == node || n.Is(OpNames.QuantizeLinear) || n.Is(OpNames.DequantizeLinear))) return null;
        var quantize = nodes.FirstOrDefault(n => n.Is(OpNames.QuantizeLinear));
        return Cut([node], quantize is null ? null : OnnxNode.Like(quantize, [found.Output, .. quantize.Input.Skip(1)], [$"{found.Output}/probe"], quantize.Name));
    }

    // In the float network: by the layers that a node depends on.
    private Dictionary<string, int> SourceOwners()
    {
        var layers = _source.Layers.ToDictionary(l => l.Output, l => l.Layer.Index, StringComparer.Ordinal);
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in _source.View.Order)
        {
            int owner = Shared;
            foreach (string input in GraphView.InputsOf(node))
            {
                if (_source.View.ProducerOf(input) is { } producer) owner = Math.Max(owner, owners[_source.View.NameOf(producer)]);
                else if (_source.View.ConstantOf(input) is null) owner = Math.Max(owner, Start);
            }
            foreach (string output in node.Output)
                if (layers.TryGetValue(output, out int layer)) owner = layer;
            owners[_source.View.NameOf(node)] = owner;
        }
        return owners;
    }

    private int OwnerOf(NodeProto node, Dictionary<string, int> sourceOwners)
    {
        bool isBorder = node.Is(OpNames.DequantizeLinear);
        foreach (string output in node.Output.Where(o => o.Length > 0))
            if (_source.View.ProducerOf(output) is { } same && (!isBorder || same.Is(OpNames.DequantizeLinear))) return sourceOwners[_source.View.NameOf(same)];
        if (sourceOwners.TryGetValue(_view.NameOf(node), out int known)) return known;
        int before = Shared;
        foreach (string input in GraphView.InputsOf(node))
        {
            if (_view.ProducerOf(input) is { } producer) before = Math.Max(before, _owners[producer] == Shared ? OwnerBehind(producer) : _owners[producer]);
            else if (_view.ConstantOf(input) is null) before = Math.Max(before, Start);
        }
        return isBorder && !node.Output.Any(_view.IsOutput) ? Shared : before;
    }

    // What stands before a border that its readers share.
    private int OwnerBehind(NodeProto border) => GraphView.InputsOf(border).Select(_view.ProducerOf).Max(p => p is null ? Shared : _owners[p]);

    private ProbeModel Cut(IEnumerable<NodeProto> wanted, NodeProto? appended)
    {
        var nodes = new HashSet<NodeProto>(wanted, ReferenceEqualityComparer.Instance);
        var open = new Queue<NodeProto>(nodes);
        while (open.TryDequeue(out var node))
        {
            foreach (string input in GraphView.InputsOf(node))
                if (_view.ProducerOf(input) is { } producer && _owners[producer] == Shared && nodes.Add(producer)) open.Enqueue(producer);
        }
        NodeProto[] ordered = [.. _view.Order.Where(nodes.Contains), .. appended is null ? Array.Empty<NodeProto>() : [appended]];
        var made = ordered.SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        string[] inputs = [.. ordered.SelectMany(GraphView.InputsOf).Where(t => !made.Contains(t) && _view.ConstantOf(t) is null).Distinct(StringComparer.Ordinal)];
        string[] outputs = appended is not null ? [.. appended.Output]
            : [.. ordered.Where(n => _owners[n] != Shared).SelectMany(n => n.Output).Where(t => t.Length > 0 && (_view.IsOutput(t) || IsReadOutside(t, nodes)))];
        if (outputs.Length == 0) outputs = [ordered.Last(n => _owners[n] != Shared).Output.First(t => t.Length > 0)];
        var part = ModelBuilder.PartOf(_model, ordered);
        foreach (string input in inputs)
        {
            if (!_shapes.TryGet(input, out var type)) return ProbeModel.Missing($"the shape of '{input}' is not known: {_shapes.ReasonFor(input)}");
            part.Input(input, type.Type, [.. type.Shape]);
        }
        if (appended is not null)
        {
            var (real, integers) = (_shapes[appended.Input[0]], _view.ConstantOf(appended.InputAt(2)));
            part.Output(outputs[0], integers is null ? DataType.Uint8 : TensorData.TypeOf(integers), [.. real.Shape]);
        }
        else
        {
            foreach (string output in outputs)
            {
                if (_shapes.TryGet(output, out var type)) part.Output(output, type.Type, [.. type.Shape]);
                else part.Show([output]);
            }
        }
        return new ProbeModel(part.Build(), null);
    }

    private bool IsReadOutside(string tensor, HashSet<NodeProto> nodes) =>
        _view.ConsumersOf(tensor).Any(c => !nodes.Contains(c) || (_owners[c] == Shared && c.Output.Any(t => IsReadOutside(t, nodes))));
}
