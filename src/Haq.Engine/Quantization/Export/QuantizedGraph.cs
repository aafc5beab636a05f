using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Schema;

namespace Haq.Engine.Quantization.Export;

/// <summary>A copy of a float model in which the layers read quantized activations; weights are still the float model's.</summary>
internal sealed class QuantizedGraph
{
    private readonly Dictionary<string, NodeProto> _nodes = new(StringComparer.Ordinal);
    private readonly List<(ActivationSite Site, int Layer)> _sites = [];

    private QuantizedGraph(OnnxModel source) => (Source, Model) = (new GraphView(source), source.Clone());

    /// <summary>The float model.</summary>
    public GraphView Source { get; }

    /// <summary>The copy.</summary>
    public OnnxModel Model { get; }

    /// <summary>The sites, each with the index of a layer that reads through it.</summary>
    public IReadOnlyList<(ActivationSite Site, int Layer)> Sites => _sites;

    /// <summary>
    /// Copies the model and inserts a site for every tensor that layers read quantized; <paramref name="alwaysClip"/> puts a
    /// Clip even where the type saturates by itself.
    /// </summary>
    /// <exception cref="ArgumentException">Layers that read one tensor have different quantizers for it.</exception>
    public static QuantizedGraph Build(OnnxModel source, IReadOnlyList<QuantizedLayer> layers, bool alwaysClip)
    {
        var graph = new QuantizedGraph(source);
        foreach (var node in graph.Model.Graph.Node) graph._nodes[node.Name] = node;
        var view = new GraphView(graph.Model);
        var patch = new GraphPatch(graph.Model);
        foreach (var readers in layers.GroupBy(l => l.Found.Input))
        {
            var first = readers.First();
            if (readers.FirstOrDefault(r => r.Activation != first.Activation) is { } other)
                throw new ArgumentException($"'{first.Found.Name}' and '{other.Found.Name}' read '{readers.Key}' through different quantizers", nameof(layers));
            if (first.Activation is not { } quantizer) continue;
            var nodes = readers.Select(l => (graph.NodeOf(l.Found.Name), l.ActivationInput)).ToList();
            var container = IntegerContainer.ForActivations(first.Bits.Activations);
            var site = ActivationSite.Insert(view, patch, readers.Key, nodes, alwaysClip || !container.IsFilledBy(quantizer.Range));
            foreach (var constant in site.Constants(quantizer, container)) patch.Put(constant);
            graph._sites.Add((site, first.Found.Layer.Index));
        }
        patch.Apply();
        return graph;
    }

    /// <summary>The node of that name in the copy.</summary>
    public NodeProto NodeOf(string name) => _nodes[name];
}
