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
    private readonly Dictionary<NodeProto, List<NodeProto>> _behind = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, SortedDictionary<int, string>> _inputs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, Dictionary<string, string>> _outputs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, long> _imports = new(StringComparer.Ordinal);
    private readonly HashSet<string> _placeholders = new(StringComparer.Ordinal);

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
        for (int n = 1; !_names.Add(name) || _names.Any(other => other.StartsWith(name, StringComparison.Ordinal) && other.Length > name.Length
            && other[name.Length] == '.'); n++)
        {
            name = $"{stem}_{n}";
        }

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

    /// <summary>Adds a node that appears just behind <paramref name="node"/>.</summary>
    public GraphPatch AddBehind(NodeProto node, NodeProto added)
    {
        if (_behind.TryGetValue(node, out var list)) list.Add(added);
        else _behind[node] = [added];
        _names.UnionWith(added.Output);
        return this;
    }

    /// <summary>Lets a node of the model read another tensor through one of its inputs; inputs between are left out. <see cref="Rewire"/> renames that tensor, too.</summary>
    public GraphPatch Read(NodeProto node, int input, string tensor)
    {
        if (!_inputs.TryGetValue(node, out var inputs)) _inputs[node] = inputs = [];
        inputs[input] = tensor;
        return this;
    }

    /// <summary>What a node of the model will read through an input, as far as <see cref="Read"/> says.</summary>
    public string InputOf(NodeProto node, int input) => _inputs.TryGetValue(node, out var inputs) && inputs.TryGetValue(input, out string? tensor) ? tensor : node.InputAt(input);

    /// <summary>Gives an output of a node of the model another name; what reads the old one is to find it elsewhere.</summary>
    public GraphPatch Write(NodeProto node, string output, string name)
    {
        if (!_outputs.TryGetValue(node, out var outputs)) _outputs[node] = outputs = new(StringComparer.Ordinal);
        outputs[output] = name;
        _names.Add(name);
        return this;
    }

    /// <summary>A constant that nodes read and that is put in before the graph runs.</summary>
    public GraphPatch Placeholder(string name)
    {
        _placeholders.Add(name);
        _names.Add(name);
        return this;
    }

    /// <summary>Says which version of an operator set of another domain the nodes are of.</summary>
    public GraphPatch Import(string domain, long version)
    {
        _imports[domain] = version;
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
        foreach (var (domain, version) in _imports)
        {
            if (_model.Proto.OpsetImport.FirstOrDefault(i => i.Domain == domain) is { } known) known.Version = version;
            else _model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
    }

    private GraphProto Candidate(GraphProto graph, Dictionary<NodeProto, NodeProto> edited)
    {
        var candidate = new GraphProto();
        candidate.Input.Add(graph.Input.Where(i => !_removedInitializers.Contains(i.Name)));
        candidate.Input.Add(_placeholders.Select(name => new ValueInfoProto { Name = name }));
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
            PutBefore(node);
            if (!_removed.Contains(node)) candidate.Node.Add(Edited(node, edited));
            foreach (var behind in _behind.GetValueOrDefault(node) ?? []) Put(behind);
        }
        foreach (var last in _appended) Put(last);
        return candidate;

        // What is added may itself have nodes before it.
        void Put(NodeProto another)
        {
            PutBefore(another);
            candidate.Node.Add(another);
        }

        void PutBefore(NodeProto node)
        {
            foreach (var before in _near.GetValueOrDefault(node) ?? []) Put(before);
        }
    }

    private NodeProto Edited(NodeProto node, Dictionary<NodeProto, NodeProto> edited)
    {
        var copy = node;
        if (_inputs.ContainsKey(node) || _outputs.ContainsKey(node)) copy = edited[node] = WithEdits(node);
        return _keptReaders.Contains(node) || !GraphView.InputsOf(copy).Any(_renames.ContainsKey) ? copy : edited[node] = Renamed(copy == node ? node.Clone() : copy);
    }

    private NodeProto WithEdits(NodeProto node)
    {
        var copy = node.Clone();
        foreach (var (input, tensor) in _inputs.GetValueOrDefault(node) ?? []) copy.Reading(input, tensor);
        foreach (var (output, name) in _outputs.GetValueOrDefault(node) ?? []) copy.Output[copy.Output.IndexOf(output)] = name;
        return copy;
    }

    private NodeProto Renamed(NodeProto copy)
    {
        for (int i = 0; i < copy.Input.Count; i++) if (_renames.TryGetValue(copy.Input[i], out string? to)) copy.Input[i] = to;
        foreach (var (_, body) in copy.Bodies())
            foreach (var (from, to) in _renames) Captures.Rename(body, from, to);
        return copy;
    }

    private static void Adopt(NodeProto original, NodeProto copy)
    {
        for (int i = 0; i < copy.Input.Count; i++) original.Reading(i, copy.Input[i]);
        for (int i = 0; i < copy.Output.Count; i++) original.Output[i] = copy.Output[i];
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
