using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What it costs to write a layer's output in the width of what reads it, beyond the width that the table's entries assume. An upper bound: at each pair of widths the most over the widths of
/// the layer's weights, and where several tensors are made of the output, their sum, although it is written once.
/// </summary>
internal static class OutputEdges
{
    /// <summary>The edges of a network; null where outputs have one width only, or cost nothing.</summary>
    /// <param name="layers">By index.</param>
    /// <param name="weights">The widths of weights that are priced.</param>
    /// <param name="activations">The same of activations.</param>
    /// <param name="assumed">The output's width in the entries.</param>
    /// <param name="widest">The widest that the target writes.</param>
    /// <param name="price">A layer at its widths, with an output of a width; <see cref="double.NaN"/> seconds where the target cannot.</param>
    public static WidthEdges? Of(
        IReadOnlyList<QuantizableLayer> layers, ImmutableArray<Bitwidth> weights, ImmutableArray<Bitwidth> activations, Bitwidth assumed, Bitwidth widest,
        Func<QuantizableLayer, LayerBits, Bitwidth, LayerCost> price)
    {
        if (widest <= assumed) return null;
        var readers = layers.SelectMany(layer => layer.Consumers.DistinctBy(c => layers[c].ActivationGroup).Select(c => (Layer: layer, Reader: c))).ToArray();
        var edges = new WidthEdges.Edge[readers.Length];
        Parallel.For(0, edges.Length, i => edges[i] = WidthEdges.Edge.Of(readers[i].Layer.Index, readers[i].Reader, (own, asked) => More(readers[i].Layer, own, asked)));
        return WidthEdges.Of(edges);

        LayerCost More(QuantizableLayer layer, Bitwidth own, Bitwidth asked)
        {
            var written = asked < widest ? asked : widest;
            if (written <= assumed) return default;
            var most = default(LayerCost);
            foreach (var w in weights)
            {
                foreach (var a in activations.Where(a => WidthEdges.KindOf(a) == WidthEdges.KindOf(own)))
                {
                    var wide = price(layer, new LayerBits(w, a), written);
                    if (!double.IsNaN(wide.Seconds)) most = most.OrMore(wide.Beyond(price(layer, new LayerBits(w, a), assumed)));
                }
            }
            return most;
        }
    }
}
