namespace Haq.Engine.Onnx;

/// <summary>What a model stores besides the weights of its layers.</summary>
public static class StoredParameters
{
    private const int TableBits = 8;

    /// <summary>Bits of every stored number that no layer's width decides about: biases, layers left in float, constants.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="survey">Its layers.</param>
    /// <param name="quantized">Tables that rows are looked up in and that are stored in 8 bits.</param>
    public static long FixedBits(GraphView view, LayerSurvey survey, IEnumerable<FoundTable>? quantized = null)
    {
        var tables = (quantized ?? []).Select(t => t.Table).ToHashSet(StringComparer.Ordinal);
        var chosen = survey.Layers.Select(l => l.Weight).ToHashSet(StringComparer.Ordinal);
        var constants = view.Graph.Initializer.Select(t => t.Name)
            .Concat(view.Graph.SparseInitializer.Select(t => t.Values?.Name ?? ""))
            .Concat(view.Graph.Node.Where(n => n.OpType == OpNames.Constant).SelectMany(n => n.Output))
            .Where(name => !chosen.Contains(name)).Distinct(StringComparer.Ordinal);
        long bits = 0;
        foreach (string name in constants)
            if (view.ConstantOf(name) is { } tensor) bits = checked(bits + TensorData.Count(tensor) * (tables.Contains(name) ? TableBits : ElementTypes.BitsOf(TensorData.TypeOf(tensor))));
        return bits;
    }
}
