using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>
/// Finds where integers must be seen between layers for a target that computes with nothing else: every computed input of a sum, a concatenation or an average, and its result, unless a
/// layer reads that quantized anyway.
/// </summary>
internal static class JunctionFinder
{
    public static ImmutableArray<Junction> Find(GraphView view, ShapeTable shapes, IEnumerable<FoundLayer> layers)
    {
        var order = new List<string>();
        var readers = new Dictionary<string, List<(string Node, int Input)>>(StringComparer.Ordinal);
        var quantized = layers.Where(l => !l.IsLeftInFloat).Select(l => l.Input).ToHashSet(StringComparer.Ordinal);
        foreach (var node in view.Order.Where(n => Joins(view, shapes, n)))
        {
            for (int i = 0; i < node.Input.Count; i++) Read(node.Input[i], node, i);
            string result = DestinationOf(view, node.Output[0]);
            if (quantized.Contains(result)) continue;
            // What leaves as real numbers for somebody else's use stays as exact as it is.
            if (view.IsOutput(result)) continue;
            foreach (var reader in view.ConsumersOf(result))
            {
                for (int i = 0; i < reader.Input.Count; i++)
                    if (reader.Input[i] == result && !Joins(view, shapes, reader)) Read(result, reader, i);
            }
        }
        return [.. order.Select(tensor => new Junction(tensor, [.. readers[tensor]]))];

        void Read(string tensor, NodeProto node, int input)
        {
            if (!readers.TryGetValue(tensor, out var known))
            {
                readers[tensor] = known = [];
                order.Add(tensor);
            }
            if (!known.Contains((node.Name, input))) known.Add((node.Name, input));
        }
    }

    private static bool Joins(GraphView view, ShapeTable shapes, NodeProto node)
    {
        bool kind = node.Is(OpNames.Add) || node.Is(OpNames.Concat) || node.Is(OpNames.AveragePool) || node.Is(OpNames.GlobalAveragePool);
        return kind && node.Input.All(i => i.Length > 0 && view.ConstantOf(i) is null && shapes.TryGet(i, out var type) && type.Type == DataType.Float && type.Rank >= 2);
    }

    /// <summary>The tensor behind a result's activation and behind what only moves numbers, where each of them has a single reader.</summary>
    internal static string DestinationOf(GraphView view, string tensor)
    {
        while (!view.IsOutput(tensor) && view.ConsumersOf(tensor) is [var only] && only.Output.Count == 1 && PassesOn(only) && only.Input[0] == tensor) tensor = only.Output[0];
        return tensor;
    }

    /// <summary>The node changes no number but by limiting it.</summary>
    internal static bool PassesOn(NodeProto node) => OpNames.IsStandard(node.Domain) && node.OpType is OpNames.Relu or OpNames.Clip or OpNames.MaxPool or OpNames.Reshape
        or OpNames.Squeeze or OpNames.Unsqueeze or OpNames.Transpose;
}
