using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>A constant table of finite real numbers whose rows are looked up and go into layers: an embedding.</summary>
/// <param name="Name">The node's unique name.</param>
/// <param name="Node">The Gather, along the table's first axis.</param>
/// <param name="Table">The constant tensor, [Rows, Width].</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Width">Numbers in a row.</param>
public sealed record FoundTable(string Name, NodeProto Node, string Table, int Rows, int Width)
{
    // Small tables are positions, flags and shapes, where every number may count and nothing is gained.
    private const long LeastCount = 1024;

    /// <summary>Numbers in all.</summary>
    public long Count => (long)Rows * Width;

    /// <summary>The tables of a graph, in execution order. One that anything but such lookups reads is none: it would be stored twice.</summary>
    internal static IEnumerable<FoundTable> In(GraphView view)
    {
        foreach (var node in view.Order)
        {
            if (!IsLookup(view, node) || view.ConstantOf(node.Input[0]) is not { } table) continue;
            if (TensorData.TypeOf(table) != DataType.Float || table.Dims.Count != 2 || TensorData.IsTooLarge(table) || TensorData.Count(table) < LeastCount) continue;
            if (view.IsOutput(node.Input[0]) || view.ConsumersOf(node.Input[0]).Any(reader => !IsLookup(view, reader) || reader.Input[0] != node.Input[0])) continue;
            // A mask of minus infinities, anchors of boxes: what no grid holds, or what has to come out as it is.
            if (!RowUse.IsFeatures(view, node.Output[0]) || FiniteValues.CountOthers(view, table) > 0) continue;
            yield return new FoundTable(view.NameOf(node), node, node.Input[0], (int)table.Dims[0], (int)table.Dims[1]);
        }
    }

    internal static bool IsLookup(GraphView view, NodeProto node) =>
        node.Is(OpNames.Gather) && node.Int("axis", 0) == 0 && node.Input.Count == 2 && view.ConstantOf(node.Input[1]) is null;
}
