using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// A proposed change of a model's main graph. Nothing happens until <see cref="Apply"/>, which checks the whole result first and changes all or nothing.
/// Nodes may be proposed in any order: the result is sorted.
/// </summary>
public sealed class GraphPatch
{
    private readonly OnnxModel _model;
    private readonly string _label;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<NodeProto> _removed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, List<NodeProto>> _near = new(ReferenceEqualityComparer.Instance);
    private readonly List<NodeProto> _appended = [];
    private readonly HashSet<string> _removedInitializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _renames = new(StringComparer.Ordinal);
    private readonly HashSet<NodeProto> _keptReaders = new(ReferenceEqualityComparer.Instance);

    /// <summary>A patch of <paramref name="model"/> without changes yet.</summary>
    /// <param name="model">What it changes.</param>
    /// <param name="label">What the change is for; a refusal quotes it.</param>
    public GraphPatch(OnnxModel model, string label)
    {
        (_model, _label) = (model, label);
        foreach (var node in model.Graph.Node)
        {
            _names.Add(node.Name);
            _names.UnionWith(node.Output);
            foreach (var (_, body) in node.Bodies()) TakeNames(body);
        }
        TakeNames(model.Graph);
    }

    /// <summary>A name for a node or tensor that the model does not use yet, and that this patch will not give again.</summary>
    public string FreshName(string stem)
    {
        string name = stem;
        for (int n = 1; !_names.Add(name); n++) name = $"{stem}_{n}";
        return name;
    }

    /// <summary>A beginning of names, <c>stem.anything</c>, that the model does not use yet: it may be a product of this engine whose other layers are quantized now.</summary>
    public string FreshStem(string stem)
    {
        string name = stem;
        for (int n = 1; !_names.Add(name) || _names.Any(other => other.StartsWith(name, StringComparison.Ordinal) && other.Length > name.Length && other[name.Length] == '.'); n++) name = $"{stem}_{n}";
        return name;
    }

    /// <summary>Adds an initializer, or replaces the one of that name.</summary>
    public GraphPatch Put(TensorProto initializer)
    {
        _initializers[initializer.Name] = initializer;
        _names.Add(initializer.Name);
        return this;
    }

    /// <summary>Removes an initializer.</summary>
    public GraphPatch RemoveInitializer(string name)
    {
        _removedInitializers.Add(name);
        return this;
    }

    /// <summary>Adds a node; it appears just before <paramref name="near"/> where its inputs allow that, or at the end.</summary>
    public GraphPatch Add(NodeProto node, NodeProto? near = null)
    {
        if (near is null) _appended.Add(node);
        else if (_near.TryGetValue(near, out var list)) list.Add(node);
        else _near[near] = [node];
        _names.UnionWith(node.Output);
        return this;
    }

    /// <summary>Removes a node.</summary>
    public GraphPatch Remove(NodeProto node)
    {
        _removed.Add(node);
        return this;
    }

    /// <summary>Puts other nodes in a node's place. They must make every tensor of it that is still read.</summary>
    public GraphPatch Replace(NodeProto node, params ReadOnlySpan<NodeProto> replacements)
    {
        Remove(node);
        foreach (var replacement in replacements) Add(replacement, near: node);
        return this;
    }

    /// <summary>
    /// Lets every present reader of <paramref name="from"/> (bodies too) read <paramref name="to"/> instead, but none of the nodes that the patch adds and none of
    /// <paramref name="except"/>. The graph's outputs keep their names.
    /// </summary>
    public GraphPatch Rewire(string from, string to, params ReadOnlySpan<NodeProto> except)
    {
        _renames[from] = to;
        foreach (var node in except) _keptReaders.Add(node);
        return this;
    }

    /// <summary>Checks the result and makes the change.</summary>
    /// <exception cref="HaqException">The result would be no valid graph (HAQ0305); the model is as it was.</exception>
    public void Apply()
    {
        var graph = _model.Graph;
        var edited = new Dictionary<NodeProto, NodeProto>(ReferenceEqualityComparer.Instance);
        var candidate = Candidate(graph, edited);
        GraphView view;
        try
        {
            view = new GraphView(new OnnxModel(new ModelProto { Graph = candidate }, _model.Name, _model.External.Folder));
        }
        catch (HaqException e)
        {
            throw DiagnosticCatalog.InvalidGraph.Error(_model.Name, $"a change of the graph ('{_label}') was refused: {e.Diagnostic.Message}", e);
        }
        // Commit: the nodes keep their identity, so that callers may hold on to them.
        foreach (var (original, copy) in edited) Adopt(original, copy);
        var originals = edited.ToDictionary(e => e.Value, e => e.Key, (IEqualityComparer<NodeProto>)ReferenceEqualityComparer.Instance);
        NodeProto[] order = [.. view.Order.Select(n => originals.GetValueOrDefault(n, n))];
        graph.Node.Clear();
        graph.Node.Add(order);
        TensorProto[] initializers = [.. candidate.Initializer];
        graph.Initializer.Clear();
        graph.Initializer.Add(initializers);
        var inputs = graph.Input.Where(i => !_removedInitializers.Contains(i.Name)).ToArray();
        graph.Input.Clear();
        graph.Input.Add(inputs);
    }

    private GraphProto Candidate(GraphProto graph, Dictionary<NodeProto, NodeProto> edited)
    {
        var candidate = new GraphProto();
        candidate.Input.Add(graph.Input.Where(i => !_removedInitializers.Contains(i.Name)));
        candidate.Output.Add(graph.Output);
        candidate.SparseInitializer.Add(graph.SparseInitializer);
        var added = new HashSet<string>(_initializers.Keys, StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer)
        {
            if (_initializers.TryGetValue(tensor.Name, out var replacement) && added.Remove(tensor.Name)) candidate.Initializer.Add(replacement);
            else if (!_removedInitializers.Contains(tensor.Name)) candidate.Initializer.Add(tensor);
        }
        foreach (string name in _initializers.Keys.Where(added.Contains)) candidate.Initializer.Add(_initializers[name]);
        foreach (var node in graph.Node)
        {
            if (_near.TryGetValue(node, out var before)) candidate.Node.Add(before);
            if (!_removed.Contains(node)) candidate.Node.Add(Renamed(node, edited));
        }
        candidate.Node.Add(_appended);
        return candidate;
    }

    private NodeProto Renamed(NodeProto node, Dictionary<NodeProto, NodeProto> edited)
    {
        if (_keptReaders.Contains(node) || !GraphView.InputsOf(node).Any(_renames.ContainsKey)) return node;
        var copy = node.Clone();
        for (int i = 0; i < copy.Input.Count; i++) if (_renames.TryGetValue(copy.Input[i], out string? to)) copy.Input[i] = to;
        foreach (var (_, body) in copy.Bodies())
            foreach (var (from, to) in _renames) Captures.Rename(body, from, to);
        edited[node] = copy;
        return copy;
    }

    private static void Adopt(NodeProto original, NodeProto copy)
    {
        for (int i = 0; i < copy.Input.Count; i++) original.Input[i] = copy.Input[i];
        if (!copy.Bodies().Any()) return;
        original.Attribute.Clear();
        original.Attribute.Add(copy.Attribute);
    }

    private void TakeNames(GraphProto graph)
    {
        foreach (var input in graph.Input) _names.Add(input.Name);
        foreach (var tensor in graph.Initializer) _names.Add(tensor.Name);
        foreach (var value in graph.ValueInfo) _names.Add(value.Name);
        foreach (var node in graph.Node)
        {
            _names.Add(node.Name);
            _names.UnionWith(node.Output);
            foreach (var (_, body) in node.Bodies()) TakeNames(body);
        }
    }
}
