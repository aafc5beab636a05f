using System.Collections.Frozen;
using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>The table of shape rules, by operator.</summary>
internal static class NodeShapes
{
    private static readonly FrozenDictionary<string, Action<ShapeContext>> s_rules =
        new[]
        {
            ElementwiseShapes.Rules, ConvolutionShapes.Rules, MatrixShapes.Rules, ReshapingShapes.Rules, SelectionShapes.Rules, ResizingShapes.Rules,
            ReductionShapes.Rules, GeneratorShapes.Rules, RecurrentShapes.Rules, QuantizedShapes.Rules, LearningShapes.Rules, BodyShapes.Rules,
        }.SelectMany(r => r).ToFrozenDictionary(r => r.Op, r => r.Rule, StringComparer.Ordinal);

    /// <summary>Puts the node's outputs into the table; returns why not, or null.</summary>
    public static string? Infer(GraphView view, ShapeTable table, NodeProto node)
    {
        string key = OpNames.IsStandard(node.Domain) ? node.OpType : $"{node.Domain}:{node.OpType}";
        if (!s_rules.TryGetValue(key, out var rule)) return $"there is no shape rule for operator {key} ('{view.NameOf(node)}')";
        try
        {
            rule(new ShapeContext(view, table, node));
            return null;
        }
        catch (ShapeUnknownException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is OverflowException or IndexOutOfRangeException or DivideByZeroException or ArgumentException)
        {
            // Rules index by what the node says; a node that says nonsense is the model's fault.
            return $"the inputs do not fit {node.OpType} '{view.NameOf(node)}'";
        }
    }
}
