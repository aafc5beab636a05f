using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>One call of a model's own function, as the nodes that it stands for.</summary>
internal sealed class FunctionCall
{
    private readonly NodeProto _call;
    private readonly FunctionProto _function;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal) { [""] = "" };
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);

    public FunctionCall(NodeProto call, FunctionProto function)
    {
        (_call, _function) = (call, function);
        for (int i = 0; i < function.Input.Count; i++) _names[function.Input[i]] = call.InputAt(i);
        // An output that the caller does not take is computed all the same: other nodes of the body may read it.
        for (int i = 0; i < function.Output.Count; i++) if (call.OutputAt(i) is { Length: > 0 } name) _names[function.Output[i]] = name;
        foreach (var attribute in function.AttributeProto) _attributes[attribute.Name] = attribute;
        foreach (var attribute in call.Attribute) _attributes[attribute.Name] = attribute;
    }

    /// <summary>Copies of the body's nodes, with the caller's tensors and attributes in place of the parameters.</summary>
    public IEnumerable<NodeProto> Nodes()
    {
        string[] names = NodeNames.For(_function.Node);
        for (int i = 0; i < names.Length; i++)
        {
            var node = Bound(_function.Node[i], _names);
            node.Name = $"{_call.Name}/{names[i]}";
            yield return node;
        }
        // A body may pass an input on as its output: somebody still has to make the caller's tensor.
        foreach (string passed in _function.Output.Where(o => _function.Input.Contains(o)))
        {
            if (_call.InputAt(_function.Input.IndexOf(passed)) is { Length: > 0 } from && _call.OutputAt(_function.Output.IndexOf(passed)) is { Length: > 0 } to)
                yield return OnnxNode.Of(OpNames.Identity, [from], [to], $"{_call.Name}/{to}");
        }
    }

    private NodeProto Bound(NodeProto source, Dictionary<string, string> names)
    {
        var node = source.Clone();
        for (int i = 0; i < node.Input.Count; i++) node.Input[i] = NameOf(node.Input[i], names);
        for (int i = 0; i < node.Output.Count; i++) node.Output[i] = NameOf(node.Output[i], names);
        var attributes = node.Attribute.ToArray();
        node.Attribute.Clear();
        foreach (var attribute in attributes)
        {
            var bound = attribute;
            if (attribute.RefAttrName.Length > 0)
            {
                // Neither given nor with a default: the operator's own default holds.
                if (!_attributes.TryGetValue(attribute.RefAttrName, out var given)) continue;
                bound = given.Clone();
                bound.Name = attribute.Name;
            }
            if (bound.G is not null) Bind(bound.G, names);
            foreach (var graph in bound.Graphs) Bind(graph, names);
            node.Attribute.Add(bound);
        }
        return node;
    }

    // A graph inside the body sees the body's tensors; its own keep their names.
    private void Bind(GraphProto graph, Dictionary<string, string> outer)
    {
        var names = new Dictionary<string, string>(outer, StringComparer.Ordinal);
        foreach (string own in graph.Input.Select(i => i.Name).Concat(graph.Initializer.Select(t => t.Name)).Concat(graph.Node.SelectMany(n => n.Output))) names[own] = own;
        NodeProto[] nodes = [.. graph.Node.Select(n => Bound(n, names))];
        graph.Node.Clear();
        graph.Node.Add(nodes);
        foreach (var output in graph.Output) output.Name = NameOf(output.Name, names);
    }

    private string NameOf(string tensor, Dictionary<string, string> names) => names.TryGetValue(tensor, out string? name) ? name : names[tensor] = $"{_call.Name}/{tensor}";
}
