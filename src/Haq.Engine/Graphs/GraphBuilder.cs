using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Graphs;

/// <summary>
/// Writes an ONNX graph whose every shape is known. Nodes are appended in execution order; names that it makes never collide with names it was given.
/// The nodes mean the same in every operator set from 18 on. Not safe for concurrent use.
/// </summary>
public sealed partial class GraphBuilder
{
    /// <summary>Domain of the engine's own operators.</summary>
    public const string CustomDomain = "haq";

    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _initializers = [];
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private readonly Dictionary<string, long> _domains = new(StringComparer.Ordinal);
    private int _counter;

    /// <summary>The oldest operator set that is written: before it several operators had their axes as attributes.</summary>
    internal const int LeastOpset = 18;

    /// <summary>An empty graph of an operator set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Older than 18.</exception>
    public GraphBuilder(int opset = 21)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(opset, LeastOpset);
        Opset = opset;
    }

    /// <summary>The operator set of the default domain.</summary>
    public int Opset { get; }

    /// <summary>The nodes so far, in execution order.</summary>
    public IReadOnlyList<NodeProto> Nodes => _nodes;

    /// <summary>The inputs so far.</summary>
    public IReadOnlyList<Value> Inputs => _inputs;

    /// <summary>The outputs so far.</summary>
    public IReadOnlyList<Value> Outputs => _outputs;

    /// <summary>The value of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Value this[string name] => _values[name];

    /// <summary>The value of that name, or null.</summary>
    public Value? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>Says which version of another domain's operator set the nodes to come are of; without, it is 1.</summary>
    public void Import(string domain, long version) => _domains[domain] = version;

    /// <summary>Declares an input.</summary>
    public Value Input(string name, DataType type, params ReadOnlySpan<int> shape)
    {
        var value = Declare(name, type, [.. shape]);
        _inputs.Add(value);
        return value;
    }

    /// <summary>Makes a value an output under its own name.</summary>
    public Value Output(Value value)
    {
        if (!_outputs.Contains(value)) _outputs.Add(value);
        return value;
    }

    /// <summary>Makes a value an output under another name.</summary>
    public Value Output(Value value, string name)
    {
        var node = NewNode("Identity", "", [value], []);
        node.Output.Add(name);
        _nodes.Add(node);
        return Output(Declare(name, value.Type, value.Shape));
    }

    /// <summary>A constant tensor under a given name; the tensor is not copied.</summary>
    public Value Initializer(TensorProto tensor)
    {
        var value = Declare(tensor.Name, (DataType)tensor.DataType, [.. tensor.Dims.Select(d => checked((int)d))]);
        _initializers.Add(tensor);
        _constants.Add(tensor.Name, tensor);
        return value;
    }

    /// <summary>A constant tensor of single-precision numbers.</summary>
    public Value Tensor(ReadOnlySpan<float> elements, params ReadOnlySpan<int> shape) =>
        Initializer(Raw(NewName("constant"), DataType.Float, MemoryMarshal.AsBytes(elements), shape));

    /// <summary>A single-precision scalar; equal numbers share one tensor.</summary>
    public Value Scalar(float number)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"haq/scalar/{BitConverter.SingleToUInt32Bits(number):x8}");
        return Find(name) ?? Initializer(Raw(name, DataType.Float, MemoryMarshal.AsBytes(new ReadOnlySpan<float>(in number)), []));
    }

    /// <summary>A list of 64-bit integers (axes, shapes, starts); equal lists share one tensor.</summary>
    public Value Integers(params ReadOnlySpan<long> numbers)
    {
        string name = "haq/integers/" + string.Join('_', numbers.ToArray());
        return Find(name) ?? Initializer(Raw(name, DataType.Int64, MemoryMarshal.AsBytes(numbers), [numbers.Length]));
    }

    /// <summary>The node that makes a value, or null for inputs and constants.</summary>
    public NodeProto? ProducerOf(Value value) => _nodes.Find(n => n.Output.Contains(value.Name));

    /// <summary>The constant tensor behind a value, or null when it is computed.</summary>
    public TensorProto? ConstantOf(Value value) => _constants.GetValueOrDefault(value.Name);

    /// <summary>Appends a node of the default domain with one output.</summary>
    public Value Node(string op, ReadOnlySpan<Value?> inputs, ImmutableArray<int> shape, params ReadOnlySpan<AttributeProto> attributes) =>
        Append(op, "", inputs, [(DataTypeOf(inputs), shape)], attributes)[0];

    /// <summary>Appends a node of the default domain with one output of a given type.</summary>
    public Value Node(string op, DataType type, ReadOnlySpan<Value?> inputs, ImmutableArray<int> shape, params ReadOnlySpan<AttributeProto> attributes) =>
        Append(op, "", inputs, [(type, shape)], attributes)[0];

    /// <summary>Appends a node of the engine's domain; all outputs are single precision.</summary>
    public Value[] Custom(string op, ReadOnlySpan<Value?> inputs, ReadOnlySpan<ImmutableArray<int>> shapes, params ReadOnlySpan<AttributeProto> attributes)
    {
        var outputs = new (DataType, ImmutableArray<int>)[shapes.Length];
        for (int i = 0; i < shapes.Length; i++) outputs[i] = (DataType.Float, shapes[i]);
        return Append(op, CustomDomain, inputs, outputs, attributes);
    }

    /// <summary>Appends a node of the default domain with several outputs.</summary>
    public Value[] Many(
        string op, ReadOnlySpan<Value?> inputs, ReadOnlySpan<(DataType Type, ImmutableArray<int> Shape)> outputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Append(op, "", inputs, outputs, attributes);

    /// <summary>Appends a node made elsewhere and declares its outputs; an output without a name is one that nobody reads.</summary>
    public void Adopt(NodeProto node, ReadOnlySpan<(DataType Type, ImmutableArray<int> Shape)> outputs)
    {
        for (int i = 0; i < node.Output.Count; i++)
            if (node.Output[i].Length > 0) Declare(node.Output[i], outputs[i].Type, outputs[i].Shape);
        _nodes.Add(node);
    }

    /// <summary>
    /// Goes through all nodes once; where <paramref name="choose"/> returns something, what that appends takes the node's place and its value the
    /// name of the node's first output.
    /// </summary>
    internal void Rewrite(Func<NodeProto, Func<Value>?> choose)
    {
        var before = _nodes.ToArray();
        _nodes.Clear();
        foreach (var node in before)
        {
            if (choose(node) is not { } replacement)
            {
                _nodes.Add(node);
                continue;
            }
            var result = replacement();
            var last = _nodes[^1];
            if (last.Output.Count != 1 || last.Output[0] != result.Name) throw new InvalidOperationException("a replacement must end with its result");
            last.Output[0] = node.Output[0];
            _values.Remove(result.Name);
        }
    }

    /// <summary>A node's first result takes the name of what <paramref name="follower"/> made of it; the follower goes.</summary>
    internal void Absorb(NodeProto node, NodeProto follower)
    {
        _values.Remove(node.Output[0]);
        node.Output[0] = follower.Output[0];
        Remove(follower);
    }

    /// <summary>What read a node's first result reads its first input instead; the node goes.</summary>
    internal void Bypass(NodeProto node)
    {
        Remove(node);
        _values.Remove(node.Output[0]);
        foreach (var reader in _nodes)
            for (int i = 0; i < reader.Input.Count; i++) if (reader.Input[i] == node.Output[0]) reader.Input[i] = node.Input[0];
    }

    /// <summary>Gives a node one more input.</summary>
    internal static void Extend(NodeProto node, string input) => node.Input.Add(input);

    /// <summary>Gives a node one more output (for example the indices of a max-pooling).</summary>
    internal Value Extend(NodeProto node, DataType type, ImmutableArray<int> shape)
    {
        var value = Declare(NewName(node.OpType), type, shape);
        node.Output.Add(value.Name);
        return value;
    }

    /// <summary>The graph as a model. Shapes of the engine's own operators are written down, since ONNX Runtime cannot infer them.</summary>
    public ModelProto ToModel()
    {
        var graph = new GraphProto { Name = "haq" };
        graph.Node.AddRange(_nodes);
        graph.Initializer.AddRange(_initializers);
        graph.Input.AddRange(_inputs.Select(Describe));
        graph.Output.AddRange(_outputs.Select(Describe));
        var described = _outputs.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in _nodes.Where(n => n.Domain == CustomDomain))
            graph.ValueInfo.AddRange(node.Output.Where(o => o.Length > 0 && described.Add(o)).Select(o => Describe(_values[o])));
        var model = new ModelProto { IrVersion = 10, ProducerName = "Haq.Build", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        if (_nodes.Exists(n => n.Domain == CustomDomain)) model.OpsetImport.Add(new OperatorSetIdProto { Domain = CustomDomain, Version = 1 });
        foreach (string domain in _nodes.Select(n => n.Domain).Where(d => d.Length > 0 && d != CustomDomain).Distinct().Order(StringComparer.Ordinal))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = _domains.GetValueOrDefault(domain, 1) });
        return model;
    }

    internal string NewName(string hint)
    {
        string name;
        do name = string.Create(CultureInfo.InvariantCulture, $"haq/{hint}_{_counter++}");
        while (_values.ContainsKey(name));
        return name;
    }

    private Value[] Append(
        string op, string domain, ReadOnlySpan<Value?> inputs, ReadOnlySpan<(DataType Type, ImmutableArray<int> Shape)> outputs,
        ReadOnlySpan<AttributeProto> attributes)
    {
        var node = NewNode(op, domain, inputs, attributes);
        var values = new Value[outputs.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Declare(NewName(op), outputs[i].Type, outputs[i].Shape);
            node.Output.Add(values[i].Name);
        }
        _nodes.Add(node);
        return values;
    }

    private void Remove(NodeProto node) => _nodes.RemoveAt(_nodes.FindIndex(n => ReferenceEquals(n, node)));

    private NodeProto NewNode(string op, string domain, ReadOnlySpan<Value?> inputs, ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = op, Domain = domain, Name = NewName(op) };
        foreach (var input in inputs) node.Input.Add(input?.Name ?? "");
        foreach (var attribute in attributes) node.Attribute.Add(attribute);
        return node;
    }

    private Value Declare(string name, DataType type, ImmutableArray<int> shape)
    {
        var value = new Value(this, name, type, shape);
        if (!_values.TryAdd(name, value)) throw new ArgumentException($"the graph has two values called '{name}'", nameof(name));
        return value;
    }

    private static DataType DataTypeOf(ReadOnlySpan<Value?> inputs) => inputs.IsEmpty ? DataType.Float : inputs[0]!.Type;

    private static TensorProto Raw(string name, DataType type, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        foreach (int extent in shape) tensor.Dims.Add(extent);
        return tensor;
    }

    private static ValueInfoProto Describe(Value value)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(value.Shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = value.Name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)value.Type, Shape = shape } },
        };
    }
}
