using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx.QOperators;

/// <summary>
/// Writes a model of QLinear operators with operators of reals between pairs of QuantizeLinear and DequantizeLinear: every grid stays what it is. What moves integers without computing moves
/// reals between pairs of one grid. Nodes keep their names, tensors of integers theirs.
/// </summary>
public sealed class QOperatorForm
{
    private const string Label = "write QLinear operators in pairs";

    private static readonly HashSet<string> s_moves =
    [
        "MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Slice", "Gather", "Split",
        "Concat", "Expand", "Tile", "DepthToSpace", "SpaceToDepth", "ReduceMax", "ReduceMin", "Max", "Min",
    ];

    private readonly record struct IntegerGrid(string Scale, string ZeroPoint);

    private readonly OnnxModel _model;
    private readonly GraphView _view;
    private readonly GraphPatch _patch;
    private readonly Dictionary<string, IntegerGrid> _grids = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Tensor, IntegerGrid Grid, int? Axis), string> _reals = [];
    private readonly SortedDictionary<string, string> _refused = new(StringComparer.Ordinal);

    private QOperatorForm(OnnxModel model) => (_model, _view, _patch) = (model, new GraphView(model), new GraphPatch(model, Label));

    /// <summary>The model in pairs: a changed copy where it has operators of integers, otherwise the model itself.</summary>
    /// <exception cref="HaqException">An operator has no form between pairs (HAQ0322): each is named once, with the reason.</exception>
    public static OnnxModel ToPairs(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Graph.Node.Any(n => QOperator.Of(n) is not null || QOperator.ReasonAgainst(n) is not null)) return model;
        var copy = model.Clone();
        NodeNames.Assign(copy.Graph);
        new QOperatorForm(copy).Run();
        return copy;
    }

    private void Run()
    {
        foreach (var node in _view.Order)
        {
            if (node.OpType == OpNames.QuantizeLinear && ExistingQuantization.IsQuantizeDequantize(node)) _grids[node.OutputAt(0)] = new IntegerGrid(node.InputAt(1), node.InputAt(2));
            else if (QOperator.ReasonAgainst(node) is { } why) Refuse(node, why);
            else if (QOperator.Of(node) is { } known) Write(node, known);
            else if (node.Input.Any(_grids.ContainsKey) && !ExistingQuantization.IsQuantizeDequantize(node)) Move(node);
        }
        if (_refused.Count > 0)
        {
            throw DiagnosticCatalog.NoPairForm.Error(_model.Name, $"has integer operators that cannot be written as QuantizeLinear and DequantizeLinear around operators of reals: "
                + $"{string.Join("; ", _refused.Select(r => $"{r.Key} {r.Value}"))}.");
        }
        _patch.Apply();
    }

    private void Write(NodeProto node, QOperator known)
    {
        var output = new IntegerGrid(node.InputAt(known.Output), node.InputAt(known.Output + 1));
        var inputs = known.Plain.IsDefault ? [] : known.Plain.Select(node.InputAt).ToList();
        for (int i = 0; i < known.Quantized.Length; i++)
        {
            int place = known.Quantized[i];
            inputs.Add(RealOf(node, node.InputAt(place), new IntegerGrid(node.InputAt(place + 1), node.InputAt(place + 2)), AxisOf(node, known, i)));
        }
        if (known.Bias >= 0 && node.InputAt(known.Bias) is { Length: > 0 } bias)
        {
            if (BiasOf(node, known, bias) is not { } real) return;
            inputs.Add(real);
        }
        string made = node.OutputAt(0);
        bool leavesReals = output.Scale.Length == 0;
        var replacement = OnnxNode.Of(known.Real, inputs, [leavesReals ? made : _patch.FreshName($"{made}.real")], node.Name);
        foreach (string name in known.Attributes.IsDefault ? [] : known.Attributes)
            if (node.Attribute(name) is { } attribute) replacement.Attribute.Add(attribute.Clone());
        if (!Suits(node, replacement)) return;
        if (leavesReals)
        {
            _patch.Replace(node, replacement);
            return;
        }
        _patch.Replace(node, replacement, Quantize(replacement.Output[0], made, output));
        _grids[made] = output;
    }

    // What ONNX moved from attributes to inputs, or means otherwise, in later operator sets.
    private bool Suits(NodeProto node, NodeProto replacement)
    {
        long opset = _model.OpsetOf();
        if (replacement.Is(OpNames.ReduceMean) && opset >= 18 && replacement.Ints("axes") is { } axes)
        {
            string name = _patch.FreshName($"{node.Name}.axes");
            _patch.Put(TensorData.Of(name, [axes.Length], axes));
            replacement.Input.Add(name);
            replacement.Attribute.Remove(replacement.Attribute("axes"));
        }
        if (replacement.Is(OpNames.Softmax) && node.Int("opset", opset) >= 13 != opset >= 13 && node.Int("axis", -1) != -1)
        {
            Refuse(node, $"it has the meaning of operator set {node.Int("opset", opset)} in a model of {opset}: export the model in QDQ form");
            return false;
        }
        return true;
    }

    private void Move(NodeProto node)
    {
        if (node.OpType is "Shape" or "Size") return;
        IntegerGrid[] grids = [.. node.Input.Where(_grids.ContainsKey).Select(t => _grids[t]).Distinct()];
        if (!OpNames.IsStandard(node.Domain) || !s_moves.Contains(node.OpType) || grids.Length != 1)
        {
            Refuse(node, grids.Length > 1 ? "reads integers of several grids as they are, which mean different reals" : "computes with integers as they are, apart from their scale");
            return;
        }
        if (node.OpType is "Concat" or "Max" or "Min" && !node.Input.All(_grids.ContainsKey))
        {
            Refuse(node, "joins integers with some that have no scale, such as a constant");
            return;
        }
        var replacement = OnnxNode.Like(node, node.Input.Select(t => _grids.ContainsKey(t) ? RealOf(node, t, grids[0], null) : t), node.Output, node.Name);
        // The second output of MaxPool holds places, not numbers.
        int made = node.Is(OpNames.MaxPool) ? 1 : node.Output.Count;
        var nodes = new List<NodeProto> { replacement };
        for (int i = 0; i < made; i++)
        {
            if (node.Output[i].Length == 0) continue;
            replacement.Output[i] = _patch.FreshName($"{node.Output[i]}.real");
            nodes.Add(Quantize(replacement.Output[i], node.Output[i], grids[0]));
            _grids[node.Output[i]] = grids[0];
        }
        _patch.Replace(node, [.. nodes]);
    }

    private string RealOf(NodeProto reader, string integers, IntegerGrid grid, int? axis)
    {
        if (_reals.TryGetValue((integers, grid, axis), out string? known)) return known;
        string name = _patch.FreshName($"{integers}.dequantized");
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, Named(integers, grid), [name], _patch.FreshName($"{integers}.DequantizeLinear"));
        if (axis is { } along) dequantize.With("axis", (long)along);
        _patch.Add(dequantize, reader);
        return _reals[(integers, grid, axis)] = name;
    }

    private NodeProto Quantize(string reals, string integers, IntegerGrid grid) =>
        OnnxNode.Of(OpNames.QuantizeLinear, Named(reals, grid), [integers], _patch.FreshName($"{integers}.QuantizeLinear"));

    private static string[] Named(string tensor, IntegerGrid grid) => grid.ZeroPoint.Length == 0 ? [tensor, grid.Scale] : [tensor, grid.Scale, grid.ZeroPoint];

    // Of several scales: output channels of a convolution lie in front, rows and columns of a product where its operands have them.
    private int? AxisOf(NodeProto node, QOperator known, int operand)
    {
        int place = known.Quantized[operand];
        if (_view.ConstantOf(node.InputAt(place + 1)) is not { } scales || TensorData.Count(scales) <= 1) return null;
        int rank = _view.ConstantOf(node.InputAt(place)) is { } stored ? stored.Dims.Count : 2;
        return known.Real switch
        {
            OpNames.Conv => 0,
            OpNames.Gemm => node.Int("transB", 0) != 0 ? 0 : 1,
            OpNames.MatMul => operand == 0 ? rank - 2 : rank - 1,
            _ => 1,
        };
    }

    private string? BiasOf(NodeProto node, QOperator known, string bias)
    {
        if (_view.Floats(node.InputAt(known.Quantized[0] + 1)) is not [var input] || _view.Floats(node.InputAt(known.Quantized[1] + 1)) is not { Length: > 0 } weights)
        {
            Refuse(node, "its bias is of scales that are computed when the model runs: quantize the float model with static ranges");
            return null;
        }
        float alpha = known.Real == OpNames.Gemm ? node.Attribute("alpha")?.F ?? 1 : 1;
        float[] scales = [.. weights.Select(w => alpha * (input * w))];
        string scale = _patch.FreshName($"{bias}.scale"), name = _patch.FreshName($"{bias}.dequantized");
        _patch.Put(TensorData.Of(scale, scales.Length == 1 ? [] : [scales.Length], scales));
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, [bias, scale], [name], _patch.FreshName($"{bias}.DequantizeLinear"));
        if (scales.Length > 1) dequantize.With("axis", (long)((_view.ConstantOf(bias)?.Dims.Count ?? 1) - 1));
        _patch.Add(dequantize, node);
        return name;
    }

    private void Refuse(NodeProto node, string why) => _refused.TryAdd(QOperator.NameOf(node), $"('{_view.NameOf(node)}'): {why}");
}
