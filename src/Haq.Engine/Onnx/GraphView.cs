using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// An index over a model's main graph, or over a body inside it: who makes a tensor, who reads it, what is constant, in which order to compute.
/// It shows the graph as it was when the view was made; make a new one after changing the graph. Safe for concurrent reads.
/// </summary>
public sealed class GraphView
{
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _consumers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _outputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _initializers = new(StringComparer.Ordinal);
    private readonly GraphView? _outer;

    /// <summary>Indexes the main graph.</summary>
    /// <exception cref="HaqException">Two nodes make one tensor or a node none, an input comes from nowhere, or the graph has a cycle (HAQ0305).</exception>
    public GraphView(OnnxModel model) : this(model, model.Graph, outer: null) { }

    /// <summary>Indexes a body that sees the tensors of <paramref name="outer"/>.</summary>
    /// <exception cref="HaqException">As for the main graph.</exception>
    public GraphView(GraphView outer, GraphProto body) : this(outer.Model, body, outer) { }

    private GraphView(OnnxModel model, GraphProto graph, GraphView? outer)
    {
        (Model, Graph, _outer) = (model, graph, outer);
        foreach (var tensor in graph.Initializer) _constants[tensor.Name] = tensor;
        foreach (var sparse in graph.SparseInitializer) if (sparse.Values is not null) _constants[sparse.Values.Name] = SparseTensor.ToDense(model, sparse);
        _initializers.UnionWith(_constants.Keys);
        Inputs = [.. graph.Input.Where(i => !_initializers.Contains(i.Name))];
        Outputs = [.. graph.Output];
        foreach (var output in graph.Output) _outputs.Add(output.Name);
        IndexNodes();
        Order = GraphOrder.Sort(this, _producers);
        foreach (var output in graph.Output)
            if (!IsKnown(output.Name)) throw Invalid($"output '{output.Name}' is made by no node");
    }

    /// <summary>The model that the graph belongs to.</summary>
    public OnnxModel Model { get; }

    /// <summary>The graph.</summary>
    public GraphProto Graph { get; }

    /// <summary>Its nodes, each after those whose results it reads; the file's order where that already is one.</summary>
    public ImmutableArray<NodeProto> Order { get; }

    /// <summary>Inputs that a caller must give: those without an initializer.</summary>
    public ImmutableArray<ValueInfoProto> Inputs { get; }

    /// <summary>The graph's outputs.</summary>
    public ImmutableArray<ValueInfoProto> Outputs { get; }

    /// <summary>The node that makes a tensor; null for inputs, initializers and unknown names.</summary>
    public NodeProto? ProducerOf(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The nodes that read a tensor, in file order, each once. A node counts when one of its bodies reads it.</summary>
    public IReadOnlyList<NodeProto> ConsumersOf(string tensor) => _consumers.TryGetValue(tensor, out var nodes) ? nodes : [];

    /// <summary>The value of an initializer or of a Constant node's output; null for other tensors.</summary>
    public TensorProto? ConstantOf(string tensor) => tensor.Length == 0 ? null : _constants.TryGetValue(tensor, out var constant) ? constant
        : _outer is not null && !_producers.ContainsKey(tensor) && Inputs.All(i => i.Name != tensor) ? _outer.ConstantOf(tensor) : null;

    /// <summary>The tensor is an initializer of this graph.</summary>
    public bool IsInitializer(string tensor) => _initializers.Contains(tensor);

    /// <summary>The tensor is one of the graph's outputs.</summary>
    public bool IsOutput(string tensor) => _outputs.Contains(tensor);

    /// <summary>The tensor exists: here, or where the body's surroundings make it.</summary>
    public bool IsKnown(string tensor) => _producers.ContainsKey(tensor) || _initializers.Contains(tensor) || Graph.Input.Any(i => i.Name == tensor) || (_outer?.IsKnown(tensor) ?? false);

    /// <summary>The unique, stable name of one of the nodes (see <see cref="NodeNames"/>).</summary>
    public string NameOf(NodeProto node) => _names[node];

    /// <summary>The elements of a constant as 32-bit reals; null where the tensor is not constant.</summary>
    /// <exception cref="HaqException">Its data cannot be read (HAQ0304, HAQ0305).</exception>
    public float[]? Floats(string tensor) => ConstantOf(tensor) is { } constant ? TensorData.ToFloats(constant, Model.External) : null;

    /// <summary>The elements of a constant as 64-bit integers; null where the tensor is not constant.</summary>
    /// <exception cref="HaqException">Its data cannot be read (HAQ0304, HAQ0305).</exception>
    public long[]? Longs(string tensor) => ConstantOf(tensor) is { } constant ? TensorData.ToLongs(constant, Model.External) : null;

    private void IndexNodes()
    {
        string[] names = NodeNames.For(Graph.Node);
        var inputs = new HashSet<string>(Graph.Input.Select(i => i.Name), StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            var node = Graph.Node[i];
            if (!_names.TryAdd(node, names[i])) throw Invalid($"node '{names[i]}' is listed twice");
            if (node.Output.Count == 0 && OpNames.IsStandard(node.Domain)) throw Invalid($"node '{names[i]}' ({node.OpType}) makes nothing");
            foreach (string output in node.Output)
            {
                if (output.Length == 0) continue;
                if (!_producers.TryAdd(output, node)) throw Invalid($"tensor '{output}' is made by both '{NameOf(_producers[output])}' and '{names[i]}'");
                if (inputs.Contains(output) || _initializers.Contains(output)) throw Invalid($"tensor '{output}' is made by '{names[i]}' and is also an input or initializer");
            }
            if (node.Is(OpNames.Constant) && ConstantNode.ValueOf(node) is { } value) _constants[node.Output[0]] = value;
        }
        for (int i = 0; i < names.Length; i++)
        {
            foreach (string tensor in InputsOf(Graph.Node[i]))
            {
                if (!_producers.ContainsKey(tensor) && !_initializers.Contains(tensor) && !inputs.Contains(tensor) && !(_outer?.IsKnown(tensor) ?? false))
                    throw Invalid($"node '{names[i]}' ({Graph.Node[i].OpType}) reads '{tensor}', which nothing makes");
                if (!_consumers.TryGetValue(tensor, out var readers)) _consumers[tensor] = readers = [];
                readers.Add(Graph.Node[i]);
            }
        }
    }

    /// <summary>Every tensor that the node needs, each once: its inputs, then what its bodies take from outside.</summary>
    public static IEnumerable<string> InputsOf(NodeProto node)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string input in node.Input) if (input.Length > 0 && seen.Add(input)) yield return input;
        foreach (var (_, body) in node.Bodies())
            foreach (string captured in Captures.Of(body)) if (seen.Add(captured)) yield return captured;
    }

    internal HaqException Invalid(string what) =>
        DiagnosticCatalog.InvalidGraph.Error(Model.Name, $"{what}. The file is damaged or was written wrongly; export it again.");
}
