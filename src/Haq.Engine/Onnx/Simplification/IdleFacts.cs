using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>Which operators hand an input on as it is, whatever it holds. What depends on an extent that the model leaves open does not count.</summary>
internal sealed class IdleFacts(GraphView view, ShapeTable shapes)
{
    // The first extent is the batch where an input leaves it open.
    private readonly bool _isBatchOpen = view.Inputs.Any(i => i.Type.TensorType?.Shape is not { Dim: [{ DimValue: > 0 }, ..] });

    /// <summary>The index of the input that <paramref name="node"/> hands on; null where it changes something, or may.</summary>
    public int? HandedOn(NodeProto node) => node.OpType switch
    {
        OpNames.Identity or OpNames.Unsqueeze => 0,
        OpNames.Dropout => node.InputAt(2).Length == 0 || view.Longs(node.Input[2]) is [0] ? 0 : null,
        OpNames.Concat => node.Input.Count == 1 ? 0 : null,
        OpNames.Cast => shapes.TryGet(node.Input[0], out var type) && (long)type.Type == node.Int("to", 0) ? 0 : null,
        OpNames.Mul => IsScalar(node, 1, 1) ? 0 : IsScalar(node, 0, 1) ? 1 : null,
        OpNames.Add => IsScalar(node, 1, 0) ? 0 : IsScalar(node, 0, 0) ? 1 : null,
        OpNames.Div => IsScalar(node, 1, 1) ? 0 : null,
        OpNames.Sub => IsScalar(node, 1, 0) ? 0 : null,
        OpNames.Transpose => node.Ints("perm") is { } order && order.SequenceEqual(Enumerable.Range(0, order.Length).Select(i => (long)i)) ? 0 : null,
        OpNames.Pad => PadsNothing(node) ? 0 : null,
        OpNames.Slice => TakesAll(node) ? 0 : null,
        OpNames.Resize => node.InputAt(2).Length > 0 && node.InputAt(1).Length == 0 && view.Floats(node.Input[2]) is { Length: > 0 } scales && scales.All(s => s == 1) ? 0 : null,
        OpNames.Reshape => KeepsShape(node) ? 0 : null,
        OpNames.Expand => StretchesNothing(node) ? 0 : null,
        _ => null,
    };

    // The other input is one number; of more axes than the tensor it would give the result more, too.
    private bool IsScalar(NodeProto node, int input, float value) => view.ConstantOf(node.Input[input]) is { Dims: [] or [1] } constant && view.ConstantOf(node.Input[1 - input]) is null
        && TensorData.TypeOf(constant) == DataType.Float && shapes.TryGet(node.Input[1 - input], out var type) && type.Rank >= constant.Dims.Count
        && view.Floats(node.Input[input]) is [var only] && only == value;

    private bool PadsNothing(NodeProto node) => node.InputAt(1).Length > 0 ? view.Longs(node.Input[1]) is { } pads && pads.All(p => p == 0) : node.Ints("pads") is { } own && own.All(p => p == 0);

    private bool TakesAll(NodeProto node) => view.Longs(node.InputAt(1)) is { } starts && starts.All(s => s == 0) && view.Longs(node.InputAt(2)) is { } ends && ends.All(e => e >= int.MaxValue)
        && (node.InputAt(4).Length == 0 || (view.Longs(node.Input[4]) is { } steps && steps.All(s => s == 1)));

    private bool KeepsShape(NodeProto node)
    {
        if (view.Longs(node.InputAt(1)) is not { } asked || !shapes.TryGet(node.Input[0], out var type) || asked.Length != type.Rank) return false;
        bool zeroIsCopy = node.Int("allowzero", 0) == 0;
        // With one extent left open the others tell it.
        return asked.Count(a => a == -1) <= 1 && asked.Select((a, i) => a == -1 || (a == 0 && zeroIsCopy) || (a == type.Shape[i] && !IsOpen(type, i))).All(same => same);
    }

    private bool StretchesNothing(NodeProto node) => view.Longs(node.InputAt(1)) is { } asked && shapes.TryGet(node.Input[0], out var type) && asked.Length <= type.Rank
        && asked.Select((a, i) => (Asked: a, Axis: i + type.Rank - asked.Length)).All(p => p.Asked == 1 || (p.Asked == type.Shape[p.Axis] && !IsOpen(type, p.Axis)));

    // An open batch is taken as 1, and may have been moved to any axis of that extent.
    private bool IsOpen(TensorType type, int axis) => _isBatchOpen && (axis == 0 || type.Shape[axis] == 1);
}
