namespace Haq.Engine.Onnx;

/// <summary>What a model stores besides the weights of its layers.</summary>
public static class StoredParameters
{
    /// <summary>Bits of every stored number that no layer's width decides about: biases, layers left in float, constants.</summary>
    public static long FixedBits(GraphView view, LayerSurvey survey)
    {
        var chosen = survey.Layers.Select(l => l.Weight).ToHashSet(StringComparer.Ordinal);
        var constants = view.Graph.Initializer.Select(t => t.Name)
            .Concat(view.Graph.SparseInitializer.Select(t => t.Values?.Name ?? ""))
            .Concat(view.Graph.Node.Where(n => n.OpType == OpNames.Constant).SelectMany(n => n.Output))
            .Where(name => !chosen.Contains(name)).Distinct(StringComparer.Ordinal);
        long bits = 0;
        foreach (string name in constants)
            if (view.ConstantOf(name) is { } tensor) bits = checked(bits + TensorData.Count(tensor) * ElementTypes.BitsOf(TensorData.TypeOf(tensor)));
        return bits;
    }
}
