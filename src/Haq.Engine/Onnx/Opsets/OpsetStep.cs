using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>One version's worth of rewriting in one graph or body.</summary>
internal sealed class OpsetStep(OnnxModel model, GraphProto graph, FreshNames names, Lazy<ShapeTable> shapes, int version)
{
    private readonly Dictionary<string, TensorProto> _constants = Constants(graph);

    public GraphProto Graph => graph;

    /// <summary>The same step in a body.</summary>
    public OpsetStep Inside(GraphProto body) => new(model, body, names, shapes, version);

    /// <summary>The rank of a tensor of the main graph; null where it is not known.</summary>
    public int? RankOf(string tensor) => graph == model.Graph && shapes.Value.TryGet(tensor, out var type) ? type.Rank : null;

    public string Fresh(string stem) => names.Next(stem);

    public float[]? Floats(string tensor) => _constants.TryGetValue(tensor, out var constant) ? TensorData.ToFloats(constant, model.External) : null;

    public TensorProto? Constant(string tensor) => _constants.GetValueOrDefault(tensor);

    /// <summary>Adds an initializer under a fresh name, and returns that name.</summary>
    public string Add(TensorProto constant, string stem)
    {
        constant.Name = Fresh(stem);
        graph.Initializer.Add(constant);
        return constant.Name;
    }

    /// <summary>Adds a scalar of the element type of another tensor; 32-bit real where that is not known.</summary>
    public string AddScalarLike(string tensor, float value, string stem)
    {
        var type = graph == model.Graph && shapes.Value.TryGet(tensor, out var known) ? known.Type : DataType.Float;
        return Add(ElementTypes.IsReal(type) ? TensorData.Of("", type, [], [(double)value]) : TensorData.Scalar("", type, (long)value), stem);
    }

    public string AddInts(ReadOnlySpan<long> values, string stem) => Add(TensorData.Of("", [values.Length], values), stem);

    /// <summary>Puts nodes just before another.</summary>
    public void InsertBefore(NodeProto node, params ReadOnlySpan<NodeProto> before)
    {
        int at = IndexOf(node);
        foreach (var added in before) graph.Node.Insert(at++, added);
    }

    /// <summary>Puts nodes in the place of another.</summary>
    public void Replace(NodeProto node, params ReadOnlySpan<NodeProto> replacements)
    {
        InsertBefore(node, replacements);
        graph.Node.RemoveAt(IndexOf(node));
    }

    /// <summary>Moves an attribute into an input.</summary>
    public void IntsToInput(NodeProto node, string attribute, int input)
    {
        if (node.Ints(attribute) is not { } values) return;
        node.Without(attribute);
        SetInput(node, input, AddInts(values, $"{NameOf(node)}_{attribute}"));
    }

    /// <summary>Sets an input, leaving out those before it that are not given.</summary>
    public static void SetInput(NodeProto node, int index, string tensor)
    {
        while (node.Input.Count <= index) node.Input.Add("");
        node.Input[index] = tensor;
    }

    /// <summary>Drops trailing outputs that nobody reads; returns whether one that is read remains beyond <paramref name="kept"/>.</summary>
    public bool TrimOutputs(NodeProto node, int kept)
    {
        while (node.Output.Count > kept && !IsRead(node.Output[^1])) node.Output.RemoveAt(node.Output.Count - 1);
        return node.Output.Count > kept;
    }

    public HaqException CannotRaise(NodeProto node, string what) =>
        DiagnosticCatalog.UnsupportedOpset.Error(model.Name,
            $"cannot be raised to operator set {version}: {node.OpType} '{NameOf(node)}' {what}. Export the network again, with opset {version} or later.");

    public static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(o => o.Length > 0) ?? node.OpType;

    private bool IsRead(string tensor) => tensor.Length > 0
        && (graph.Output.Any(o => o.Name == tensor) || graph.Node.Any(n => GraphView.InputsOf(n).Contains(tensor)));

    private int IndexOf(NodeProto node)
    {
        for (int i = 0; i < graph.Node.Count; i++) if (ReferenceEquals(graph.Node[i], node)) return i;
        throw new InvalidOperationException("the node is not in this graph");
    }

    private static Dictionary<string, TensorProto> Constants(GraphProto graph)
    {
        var constants = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer) constants[tensor.Name] = tensor;
        foreach (var node in graph.Node)
            if (node.Is(OpNames.Constant) && ConstantNode.ValueOf(node) is { } value) constants[node.Output[0]] = value;
        return constants;
    }
}
