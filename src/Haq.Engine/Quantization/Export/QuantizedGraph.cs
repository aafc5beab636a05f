using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>A copy of a float model in which layers and junctions read quantized activations; weights are still the float model's.</summary>
internal sealed class QuantizedGraph
{
    private readonly Dictionary<string, NodeProto> _nodes = new(StringComparer.Ordinal);
    private readonly List<PlacedSite> _sites = [];

    private QuantizedGraph(OnnxModel source, DialectForm? form) => (Source, Model, Form) = (new GraphView(source), source.Clone(), form);

    /// <summary>The target that it is written for; null for ONNX Runtime on a processor.</summary>
    public DialectForm? Form { get; }

    /// <summary>The float model.</summary>
    public GraphView Source { get; }

    /// <summary>The copy.</summary>
    public OnnxModel Model { get; }

    /// <summary>Where activations are quantized.</summary>
    public IReadOnlyList<PlacedSite> Sites => _sites;

    /// <summary>
    /// Copies the model and inserts a site for every tensor that is read quantized; <paramref name="alwaysClip"/> puts a
    /// Clip even where the type saturates by itself.
    /// </summary>
    /// <exception cref="ArgumentException">Layers that read one tensor quantized have different quantizers for it.</exception>
    public static QuantizedGraph Build(QuantizedModel quantized, bool alwaysClip)
    {
        var graph = new QuantizedGraph(quantized.Model, quantized.Form);
        foreach (var node in graph.Model.Graph.Node) graph._nodes[node.Name] = node;
        var view = new GraphView(graph.Model);
        var patch = new GraphPatch(graph.Model, "quantize activations");
        bool[] shared = [.. quantized.Junctions.Select(quantized.SharesWithLayer)];
        foreach (var readers in quantized.Layers.Where(l => l.Activation is not null).GroupBy(l => l.Found.Input))
        {
            var first = readers.First();
            if (readers.FirstOrDefault(r => r.Activation != first.Activation) is { } other)
                throw new ArgumentException($"'{first.Found.Name}' and '{other.Found.Name}' read '{readers.Key}' through different quantizers", nameof(quantized));
            var quantizer = first.Activation!.Value;
            var nodes = readers.Select(l => (graph.NodeOf(l.Found.Name), l.ActivationInput)).ToList();
            for (int j = 0; j < shared.Length; j++)
                if (shared[j] && quantized.Junctions[j].Junction.Tensor == readers.Key) nodes.AddRange(graph.ReadersOf(quantized.Junctions[j]));
            var container = IntegerContainer.ForActivations(first.Bits.Activations);
            var site = ActivationSite.Insert(view, patch, readers.Key, nodes, alwaysClip || !container.IsFilledBy(quantizer.Range));
            graph._sites.Add(new PlacedSite(site, quantized.Layers.IndexOf(first), -1));
        }
        for (int j = 0; j < shared.Length; j++)
        {
            if (shared[j]) continue;
            var junction = quantized.Junctions[j];
            var site = junction.Junction.IsOutput
                ? ActivationSite.Last(view, patch, junction.Junction.Tensor) : ActivationSite.Insert(view, patch, junction.Junction.Tensor, graph.ReadersOf(junction), clips: false);
            graph._sites.Add(new PlacedSite(site, -1, j));
        }
        foreach (var site in graph._sites)
            foreach (var constant in site.Constants(quantized)) patch.Put(constant);
        patch.Apply();
        return graph;
    }

    /// <summary>The node of that name in the copy.</summary>
    public NodeProto NodeOf(string name) => _nodes[name];

    private List<(NodeProto Node, int Input)> ReadersOf(QuantizedJunction junction) => [.. junction.Junction.Readers.Select(r => (_nodes[r.Node], r.Input))];
}
