using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>
/// Cross-layer equalization (Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction", section 4.1): where one layer feeds another through an activation with
/// f(s·x) = s·f(x), output channel i of the first is divided by s_i and input channel i of the second multiplied by it, s_i = √(r1_i / r2_i) with r the greatest magnitude of the channel's weights
/// (eq. 11), so that both ranges become √(r1_i · r2_i). The network computes the same but for float32 rounding. A Clip at a constant, such as Relu6, keeps its meaning: its bounds are divided by s_i
/// too, as a Min with a bound per channel.
/// </summary>
public static class CrossLayerEqualization
{
    private const int MostPasses = 50;

    /// <summary>Factors that change less than this have converged.</summary>
    private const double Converged = 1e-3;

    /// <summary>Equalizes all pairs in <paramref name="model"/>, in place, and returns the names of the pairs' first layers.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        NodeNames.Assign(model.Graph);
        var view = new GraphView(model);
        var pairs = view.Order.Select(n => EqualizedPair.Of(view, n)).OfType<EqualizedPair>().ToList();
        if (pairs.Count == 0) return [];
        var weights = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var layer in pairs.SelectMany(p => new[] { p.First, p.Second })) weights.TryAdd(layer.Weight, view.Floats(layer.Weight)!);
        // A layer between two pairs is scaled on both sides: over and over until nothing moves.
        for (int pass = 0; pass < MostPasses; pass++)
        {
            double most = 0;
            foreach (var pair in pairs) most = Math.Max(most, pair.Balance(weights[pair.First.Weight], weights[pair.Second.Weight]));
            if (most < Converged) break;
        }
        var patch = new GraphPatch(model, "equalize neighbouring layers");
        EqualizedLayer[] layers = [.. pairs.SelectMany(p => new[] { p.First, p.Second }).DistinctBy(l => l.Weight)];
        foreach (var layer in layers) layer.Put(view, patch, 1, weights[layer.Weight]);
        foreach (var pair in pairs) pair.Finish(view, patch);
        patch.Apply();
        return [.. pairs.Select(p => view.NameOf(p.First.Node))];
    }
}
