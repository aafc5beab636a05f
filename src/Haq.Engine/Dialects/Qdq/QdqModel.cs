using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Dialects.Qdq;

/// <summary>A model in QDQ form: its computing nodes, each with the pairs around it. What is computed from constants alone is a constant.</summary>
internal sealed class QdqModel
{
    private static readonly HashSet<string> s_moves =
        [OpNames.Transpose, OpNames.Reshape, OpNames.Identity, OpNames.Squeeze, OpNames.Unsqueeze, OpNames.Flatten, OpNames.Cast];

    private readonly HashSet<string> _constant = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, NodeReading> _readings = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, ImmutableArray<long>> _shapes = new(StringComparer.Ordinal);
    private readonly ElementTypeFlow _types;
    private readonly GridReader _grids;

    /// <summary>Reads a model; its functions are written out in a copy.</summary>
    /// <exception cref="HaqException">The model is not in QDQ form (HAQ0321), or its graph is not sound (HAQ0305).</exception>
    public QdqModel(OnnxModel model) : this(model, mayBeReal: false) { }

    /// <summary>The same of a model that may have no pairs at all.</summary>
    public static QdqModel OfReals(OnnxModel model) => new(model, mayBeReal: true);

    private QdqModel(OnnxModel model, bool mayBeReal)
    {
        if (model.Proto.Functions.Count > 0)
        {
            model = model.Clone();
            FunctionInlining.Apply(model);
        }
        if (!mayBeReal) Require(model);
        View = new GraphView(model);
        _types = new ElementTypeFlow(View);
        _grids = new GridReader(View, _types);
        ReadShapes();
        foreach (var tensor in View.Graph.Initializer) _constant.Add(tensor.Name);
        foreach (var node in View.Order)
        {
            bool isConstant = node.Is(OpNames.Constant) || (node.Input.Count > 0 && !node.Bodies().Any() && node.Input.All(t => t.Length == 0 || _constant.Contains(t)));
            if (isConstant) _constant.UnionWith(node.Output);
        }
        Nodes = [.. View.Order.Where(Computes).Select(ReadingOf)];
        LoosePairs = [.. View.Order.Where(n => ExistingQuantization.IsQuantizeDequantize(n) && !_constant.Contains(n.OutputAt(0)) && IsLoose(n))];
    }

    /// <summary>The graph.</summary>
    public GraphView View { get; }

    /// <summary>Nodes that compute: neither pairs nor constants.</summary>
    public ImmutableArray<NodeReading> Nodes { get; }

    /// <summary>Pairs beside no computing node: between an input and an output of the graph.</summary>
    public ImmutableArray<NodeProto> LoosePairs { get; }

    /// <summary>How a node stands in the graph.</summary>
    public NodeReading ReadingOf(NodeProto node) => _readings.TryGetValue(node, out var reading) ? reading : _readings[node] = Read(node);

    /// <summary>The grid of a pair's node.</summary>
    public TensorGrid GridOf(NodeProto pair) => _grids.Of(pair);

    /// <summary>The type of a tensor's elements.</summary>
    public DataType TypeOf(string tensor) => _types.Of(tensor);

    /// <summary>The tensor is constant.</summary>
    public bool IsConstant(string tensor) => _constant.Contains(tensor);

    /// <summary>The extents that the file says; -1 for free ones; empty and unknown for tensors that it says nothing about.</summary>
    public ImmutableArray<long> ShapeOf(string tensor) => _shapes.GetValueOrDefault(tensor);

    private static void Require(OnnxModel model)
    {
        var found = ExistingQuantization.In(model.Graph);
        if (found.QuantizeDequantize > 0) return;
        string what = found switch
        {
            { IntegerOperators: > 0 } => $"is quantized in another form ({found.Describe()}). 'haq convert --target NAME' writes QLinear operators in pairs; or export it in QDQ form: quantize_static's default, or 'haq quantize'",
            { Qonnx: > 0 } => $"is quantized in QONNX form ({found.Describe()}). Convert it to QDQ form, or quantize the float model with 'haq quantize'",
            _ => "is not quantized. Quantize it first, with 'haq quantize' or another tool",
        };
        throw DiagnosticCatalog.NotQdq.Error(model.Name, $"expected a model with QuantizeLinear and DequantizeLinear nodes (QDQ form); this one {what}.");
    }

    private bool Computes(NodeProto node) => !ExistingQuantization.IsQuantizeDequantize(node) && !node.Is(OpNames.Constant) && !node.Output.All(_constant.Contains);

    private bool IsLoose(NodeProto pair) => pair.OpType == OpNames.QuantizeLinear
        ? View.ProducerOf(pair.InputAt(0)) is not { } maker || ExistingQuantization.IsQuantizeDequantize(maker)
        : View.ConsumersOf(pair.OutputAt(0)).All(ExistingQuantization.IsQuantizeDequantize);

    private NodeReading Read(NodeProto node)
    {
        var inputs = node.Input.Select((tensor, i) => Input(i, tensor)).ToImmutableArray();
        var outputs = node.Output.Where(o => o.Length > 0).Select(Output).ToImmutableArray();
        return new NodeReading(node, View.NameOf(node), inputs, outputs);
    }

    private InputReading Input(int index, string tensor)
    {
        if (tensor.Length == 0) return new(index, tensor, InputKind.Absent, null, default);
        var shape = ShapeOf(tensor);
        if (!ElementTypes.IsReal(TypeOf(tensor))) return new(index, tensor, InputKind.Other, null, shape);
        if (IsConstant(tensor))
        {
            var stored = StoredConstant(tensor);
            return stored is { } found
                ? new(index, found.Tensor, InputKind.QuantizedConstant, found.Grid, shape.IsDefault ? ShapeOf(found.Tensor) : shape)
                : new(index, tensor, InputKind.RealConstant, null, shape);
        }
        if (View.ProducerOf(tensor) is not { } maker || !IsDequantize(maker)) return new(index, tensor, InputKind.Real, null, shape);
        string stands = View.ProducerOf(maker.InputAt(0)) is { } quantize && IsQuantize(quantize) ? quantize.InputAt(0) : maker.InputAt(0);
        return new(index, stands, InputKind.Quantized, _grids.Of(maker), shape.IsDefault ? ShapeOf(stands) : shape);
    }

    // A constant may stand behind transpositions and reshapes; its axis is told only where nothing stands between.
    private (string Tensor, TensorGrid Grid)? StoredConstant(string tensor)
    {
        bool hidden = false;
        long[]? order = null;
        while (View.ProducerOf(tensor) is { } maker)
        {
            if (IsDequantize(maker))
            {
                string inner = View.ProducerOf(maker.InputAt(0)) is { } quantize && IsQuantize(quantize) ? quantize.InputAt(0) : maker.InputAt(0);
                var grid = _grids.Of(maker);
                if (grid.Axis is { } axis) grid = grid with { Axis = hidden ? UnknownAxis : order is null ? axis : Array.IndexOf(order, axis < 0 ? axis + order.Length : axis) };
                return (inner, grid);
            }
            if (!s_moves.Contains(maker.OpType)) return null;
            if (maker.Is(OpNames.Transpose) && order is null && maker.Ints("perm") is { } perm) order = perm;
            else if (!maker.Is(OpNames.Identity)) hidden = true;
            tensor = maker.InputAt(0);
        }
        return null;
    }

    /// <summary>An axis that a reshape hides.</summary>
    public const int UnknownAxis = int.MinValue;

    private OutputReading Output(string tensor)
    {
        var readers = View.ConsumersOf(tensor);
        var quantize = readers.FirstOrDefault(IsQuantize);
        return new OutputReading(
            tensor, ElementTypes.IsReal(TypeOf(tensor)), quantize is null ? null : _grids.Of(quantize), [.. readers.Where(r => !IsQuantize(r))], View.IsOutput(tensor));
    }

    private void ReadShapes()
    {
        foreach (var info in View.Graph.Input.Concat(View.Graph.ValueInfo).Concat(View.Graph.Output))
            if (info.Type?.TensorType?.Shape is { } shape) _shapes[info.Name] = [.. shape.Dim.Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : -1)];
        foreach (var tensor in View.Graph.Initializer) _shapes[tensor.Name] = [.. tensor.Dims];
    }

    private static bool IsQuantize(NodeProto node) => node.OpType == OpNames.QuantizeLinear && ExistingQuantization.IsQuantizeDequantize(node);

    private static bool IsDequantize(NodeProto node) => node.OpType == OpNames.DequantizeLinear && ExistingQuantization.IsQuantizeDequantize(node);
}
