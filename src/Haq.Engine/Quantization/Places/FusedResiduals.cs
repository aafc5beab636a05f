using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>
/// Sums that are part of the layer before them: a layer with its bias, its activation and the residual tensor that is added to it is one unit on hardware that does so. What goes into the sum is in
/// the accumulator; it is neither stored nor read, and has no width.
/// </summary>
/// <param name="Sums">Names of the sums.</param>
/// <param name="Results">The layers' results that go into them.</param>
internal sealed record FusedResiduals(IReadOnlySet<string> Sums, IReadOnlySet<string> Results)
{
    /// <summary>Finds them. Where both sides of a sum are results of layers, the sum is part of the later one: the other is there by then.</summary>
    public static FusedResiduals Of(GraphView view, FusedRoots roots, HashSet<string> layerNodes, Func<string, bool> isReal)
    {
        var at = view.Order.Select((n, i) => (n.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        var (sums, results) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var sum in view.Order.Where(n => n.Is(OpNames.Add) && n.Input.Count(isReal) == 2 && n.Input[0] != n.Input[1]))
        {
            string? last = sum.Input.Where(t => !view.IsOutput(t) && view.ConsumersOf(t).Count == 1 && LayerOf(t) >= 0).OrderByDescending(LayerOf).FirstOrDefault();
            if (last is null) continue;
            sums.Add(sum.Name);
            results.Add(last);
        }
        return new FusedResiduals(sums, results);

        // The layer's place; -1 where no layer makes the tensor, or what moves numbers is in between.
        int LayerOf(string tensor) => view.ProducerOf(roots.Of(tensor)) is { } producer && layerNodes.Contains(producer.Name) ? at[producer.Name] : -1;
    }
}
