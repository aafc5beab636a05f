using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>
/// Works out the type of every tensor from the shapes of the inputs, carrying the values of small tensors along, since exporters compute shapes inside the graph.
/// </summary>
public static class ShapeInference
{
    /// <summary>Infers from the inputs' declared shapes, with <paramref name="inputShapes"/> where they are dynamic; a dynamic first extent is 1 unless given.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="inputShapes">Full shapes by input name; extents of 0 or less mean "as declared".</param>
    /// <exception cref="HaqException">A given shape names no input, or contradicts the declared one (HAQ0307).</exception>
    public static ShapeTable Infer(GraphView view, IReadOnlyDictionary<string, long[]>? inputShapes = null)
    {
        var table = new ShapeTable(view.Model.Name);
        InputShapes.Declare(view, table, inputShapes);
        Continue(view, table);
        table.Batch = BatchOf(view, table);
        return table;
    }

    /// <summary>Infers what is missing, from what the table has; for a table that gained types from elsewhere.</summary>
    internal static void Continue(GraphView view, ShapeTable table)
    {
        foreach (var tensor in view.Graph.Initializer)
            if (!table.TryGet(tensor.Name, out _)) Constant(view, table, tensor);
        foreach (var sparse in view.Graph.SparseInitializer)
            if (sparse.Values is not null && view.ConstantOf(sparse.Values.Name) is { } dense) Constant(view, table, dense);
        var declared = new Lazy<Dictionary<string, ValueInfoProto>>(() => DeclaredOf(view.Graph));
        foreach (var node in view.Order)
        {
            if (node.Output.All(o => o.Length == 0 || table.TryGet(o, out _))) continue;
            string? reason = NodeShapes.Infer(view, table, node);
            foreach (string output in node.Output)
            {
                if (output.Length == 0 || table.TryGet(output, out _)) continue;
                if (declared.Value.TryGetValue(output, out var info) && InputShapes.TryResolve(info, table) is { } type) table.Set(output, type);
                else table.SetUnknown(output, reason ?? $"{node.OpType} '{view.NameOf(node)}' has no rule for this output");
            }
        }
    }

    private static void Constant(GraphView view, ShapeTable table, TensorProto tensor) =>
        table.Set(tensor.Name, new TensorType(TensorData.TypeOf(tensor), [.. tensor.Dims]), KnownTensor.Of(tensor, view.Model.External));

    private static Dictionary<string, ValueInfoProto> DeclaredOf(GraphProto graph)
    {
        var declared = new Dictionary<string, ValueInfoProto>(StringComparer.Ordinal);
        foreach (var info in graph.ValueInfo) declared[info.Name] = info;
        foreach (var info in graph.Output) declared[info.Name] = info;
        return declared;
    }

    private static long BatchOf(GraphView view, ShapeTable table)
    {
        if (view.Inputs.Length == 0 || !table.TryGet(view.Inputs[0].Name, out var input) || input.Rank == 0) return 1;
        long batch = Math.Max(1, input.Shape[0]);
        foreach (var output in view.Outputs)
            if (table.TryGet(output.Name, out var type) && type.Rank > 0 && type.Shape[0] % batch != 0) return 1;
        return batch;
    }
}
