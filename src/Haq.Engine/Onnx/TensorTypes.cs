using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Writes the type and shape of every computed tensor into a graph, for viewers and tools that do not infer them. Extents that depend on a free extent of an input stay free: the graph is inferred
/// for two sizes, and only what is the same in both is a number.
/// </summary>
public static class TensorTypes
{
    /// <summary>Completes the graph's types, in place. What cannot be worked out keeps what the file said about it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="example">Shapes of inputs that the graph takes, for those that take not every size: a free extent that is the rows of a weight has one value only.</param>
    public static void Complete(OnnxModel model, IReadOnlyDictionary<string, long[]>? example = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var view = new GraphView(model);
        var inferred = InferredTwice.Of(view, new FreeExtents(view));
        if (inferred.Missing > 0 && example is { Count: > 0 } && Around(view, example) is var other && other.Missing < inferred.Missing) inferred = other;
        if (inferred is not { First: { } first, Second: { } second, Sizes: var sizes }) return;
        var declared = new Dictionary<string, ValueInfoProto>(StringComparer.Ordinal);
        foreach (var info in model.Graph.ValueInfo) declared[info.Name] = info;
        model.Graph.ValueInfo.Clear();
        var constant = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in view.Order)
        {
            // What standard operators make from constants alone is a constant in another form: a hundred descriptions of how weights are unpacked would help nobody.
            if (OpNames.IsStandard(node.Domain) && !node.Bodies().Any() && GraphView.InputsOf(node).All(t => view.ConstantOf(t) is not null || constant.Contains(t)))
            {
                constant.UnionWith(node.Output);
                continue;
            }
            foreach (string tensor in node.Output.Where(o => o.Length > 0 && !view.IsOutput(o)))
            {
                if (first.TryGet(tensor, out var one) && second.TryGet(tensor, out var two)) model.Graph.ValueInfo.Add(Describe(tensor, one, two, sizes));
                else if (declared.TryGetValue(tensor, out var known)) model.Graph.ValueInfo.Add(known);
            }
        }
        foreach (var output in model.Graph.Output)
            if (output.Type?.TensorType?.Shape is null && first.TryGet(output.Name, out var one) && second.TryGet(output.Name, out var two)) output.Type = Describe(output.Name, one, two, sizes).Type;
    }

    /// <summary>The graph at the example's sizes, and at others in all the extents that may be varied together.</summary>
    private static InferredTwice Around(GraphView view, IReadOnlyDictionary<string, long[]> example)
    {
        var varied = new HashSet<string>(StringComparer.Ordinal);
        var best = InferredTwice.Of(view, new FreeExtents(view, example, varied));
        int least = best.Missing;
        foreach (string extent in best.Sizes.Keys)
        {
            varied.Add(extent);
            var tried = InferredTwice.Of(view, new FreeExtents(view, example, varied));
            if (tried.Missing == least) best = tried;
            else varied.Remove(extent);
        }
        return best;
    }

    private static ValueInfoProto Describe(string name, TensorType one, TensorType two, FreeExtents sizes)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)one.Type };
        if (one.Rank == two.Rank)
        {
            tensor.Shape = new TensorShapeProto();
            for (int i = 0; i < one.Rank; i++)
            {
                var dim = new TensorShapeProto.Types.Dimension();
                if (one.Shape[i] == two.Shape[i]) dim.DimValue = one.Shape[i];
                else if (sizes.NameOf(one.Shape[i], two.Shape[i]) is { } symbol) dim.DimParam = symbol;
                tensor.Shape.Dim.Add(dim);
            }
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
