using System.Collections.Concurrent;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What it costs to write a layer's output in the width of what reads it, beyond the width that the table's entries assume. An upper bound: at each pair of widths the most over the widths of
/// the layer's weights, and where several tensors are made of the output, their sum, although it is written once.
/// </summary>
internal sealed class OutputEdges
{
    private readonly SupportedBits _bits;
    private readonly Bitwidth _assumed;
    private readonly Func<QuantizableLayer, LayerBits, Bitwidth, LayerCost> _price;

    /// <param name="bits">What the target computes with.</param>
    /// <param name="assumed">The output's width in the entries.</param>
    /// <param name="price">A layer at its widths, with an output of a width; <see cref="double.NaN"/> seconds where the target cannot.</param>
    public OutputEdges(SupportedBits bits, Bitwidth assumed, Func<QuantizableLayer, LayerBits, Bitwidth, LayerCost> price) => (_bits, _assumed, _price) = (bits, assumed, price);

    /// <summary>The edges of a network; null where outputs have one width only, or cost nothing.</summary>
    /// <param name="layers">By index.</param>
    /// <param name="rowOf">Layers of one row of the table cost the same.</param>
    public WidthEdges? Of(IReadOnlyList<QuantizableLayer> layers, int[] rowOf)
    {
        if (_bits.Activations[^1] <= _assumed) return null;
        var costs = new ConcurrentDictionary<int, LayerCost[]>();
        Parallel.ForEach(layers.Where(l => !l.Consumers.IsEmpty).DistinctBy(l => rowOf[l.Index]), layer => costs[rowOf[layer.Index]] = Costs(layer));
        return WidthEdges.Of(
            from layer in layers
            from reader in layer.Consumers.DistinctBy(c => layers[c].ActivationGroup)
            select new WidthEdges.Edge(layer.Index, reader, costs[rowOf[layer.Index]]));
    }

    private LayerCost[] Costs(QuantizableLayer layer)
    {
        int kinds = WidthEdges.Kinds.Length;
        var costs = new LayerCost[kinds * kinds];
        for (int own = 0; own < kinds; own++)
        {
            for (int asked = 0; asked < kinds; asked++)
            {
                var written = WidthEdges.Kinds[asked] < _bits.Activations[^1] ? WidthEdges.Kinds[asked] : _bits.Activations[^1];
                bool isKnown = asked > 0 && WidthEdges.Kinds[asked - 1] >= written;
                costs[own * kinds + asked] = isKnown ? costs[own * kinds + asked - 1] : More(layer, own, written);
            }
        }

        return costs;
    }

    private LayerCost More(QuantizableLayer layer, int own, Bitwidth written)
    {
        var most = default(LayerCost);
        if (written <= _assumed) return most;
        foreach (var w in _bits.PricedWeights)
        {
            foreach (var a in _bits.PricedActivations.Where(a => WidthEdges.KindOf(a) == own))
            {
                var wide = _price(layer, new LayerBits(w, a), written);
                if (!double.IsNaN(wide.Seconds)) most = most.OrMore(wide.Beyond(_price(layer, new LayerBits(w, a), _assumed)));
            }
        }
        return most;
    }
}
