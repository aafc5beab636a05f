using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx.Schema;

namespace Haq.Engine.Onnx;

/// <summary>
/// Writes the type and shape of every computed tensor into a graph, for viewers and tools that do not infer them. Extents that depend on a free extent of an input stay free: the graph is inferred
/// for two sizes, and only what is the same in both is a number.
/// </summary>
public static class TensorTypes
{
    /// <summary>Completes the graph's types, in place. What cannot be worked out keeps what the file said about it.</summary>
    public static void Complete(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var view = new GraphView(model);
        var sizes = new FreeExtents(view);
        if (Infer(view, sizes.First) is not { } first || (sizes.Any ? Infer(view, sizes.Second) : first) is not { } second) return;
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

    private static ShapeTable? Infer(GraphView view, IReadOnlyDictionary<string, long[]> shapes)
    {
        try
        {
            return ShapeInference.Infer(view, shapes);
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.UnknownShape)
        {
            return null;
        }
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

    /// <summary>Two sizes for every extent that the inputs leave free.</summary>
    private sealed class FreeExtents
    {
        private readonly Dictionary<(long, long), string?> _names = [];

        public FreeExtents(GraphView view)
        {
            var chosen = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
            foreach (var input in view.Inputs)
            {
                if (input.Type?.TensorType?.Shape is not { } shape) continue;
                long[] first = [.. shape.Dim.Select(d => d.DimValue)], second = [.. first];
                for (int i = 0; i < first.Length; i++)
                {
                    if (first[i] > 0) continue;
                    string symbol = shape.Dim[i].DimParam;
                    // Maps are halved five times in many networks; batches and sequences may be anything. Different extents get different sizes.
                    int n = chosen.Count;
                    var sizes = i >= 2 && first.Length == 4 ? (224L + 64 * n, 416L + 64 * n) : (2L + 2 * n, 3L + 4 * n);
                    if (symbol.Length > 0 && chosen.TryGetValue(symbol, out var same)) sizes = same;
                    else chosen[symbol.Length > 0 ? symbol : $"?{n}"] = sizes;
                    (first[i], second[i]) = sizes;
                    // Extents without a name, or of equal sizes, cannot be told from the result's.
                    _names[sizes] = _names.TryGetValue(sizes, out string? known) && known != symbol ? null : symbol.Length > 0 ? symbol : null;
                    Any = true;
                }
                First[input.Name] = first;
                Second[input.Name] = second;
            }
        }

        public bool Any { get; }

        public Dictionary<string, long[]> First { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, long[]> Second { get; } = new(StringComparer.Ordinal);

        public string? NameOf(long first, long second) => _names.GetValueOrDefault((first, second));
    }
}
