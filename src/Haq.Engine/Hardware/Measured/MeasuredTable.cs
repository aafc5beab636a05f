using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Measured;

/// <summary>Measured figures by layer and widths.</summary>
internal sealed class MeasuredTable
{
    private readonly Dictionary<string, ImmutableArray<MeasuredEntry>> _byLayer;

    public MeasuredTable(IEnumerable<MeasuredEntry> entries)
    {
        var all = entries.ToArray();
        Converts = new MeasuredConverts(all.Where(e => MeasuredConverts.ElementsOf(e.Layer) is not null));
        _byLayer = all.Where(e => MeasuredConverts.ElementsOf(e.Layer) is null).GroupBy(e => e.Layer, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.OrderBy(Product).ToImmutableArray(), StringComparer.Ordinal);
        HasEnergy = _byLayer.Values.All(list => list.All(e => e.Joules is not null));
        Bits = new SupportedBits(_byLayer.Values.SelectMany(list => list.Select(e => e.Bits)));
    }

    /// <summary>Every entry has an energy.</summary>
    public bool HasEnergy { get; }

    /// <summary>What changes of width take.</summary>
    public MeasuredConverts Converts { get; }

    /// <summary>The pairs that occur.</summary>
    public SupportedBits Bits { get; }

    /// <summary>The figure for a layer, by its name or else its shape; null when it was not measured.</summary>
    public MeasuredEntry? Find(QuantizableLayer layer, LayerBits bits)
    {
        foreach (var entry in Of(layer))
            if (entry.Bits == bits) return entry;
        return null;
    }

    /// <summary>
    /// A figure between two measured ones of the layer, in proportion to the product of the widths; null where there is none on both sides.
    /// </summary>
    public MeasuredEntry? Between(QuantizableLayer layer, LayerBits bits)
    {
        MeasuredEntry? below = null, above = null;
        double at = bits.Weights * bits.Activations;
        foreach (var entry in Of(layer))
        {
            if (Product(entry) <= at) below = entry;
            if (Product(entry) >= at && above is null) above = entry;
        }
        if (below is not { } low || above is not { } high) return null;
        double span = Product(high) - Product(low), share = span > 0 ? (at - Product(low)) / span : 0.5;
        return new MeasuredEntry(low.Layer, bits, Mix(low.Seconds, high.Seconds), low.Joules is { } a && high.Joules is { } b ? Mix(a, b) : null);

        double Mix(double from, double to) => from + (to - from) * share;
    }

    private ImmutableArray<MeasuredEntry> Of(QuantizableLayer layer) =>
        _byLayer.TryGetValue(layer.Name, out var named) ? named
        : _byLayer.TryGetValue(layer.Shape.ToString(), out var shaped) ? shaped : [];

    private static double Product(MeasuredEntry entry) => entry.Bits.Weights * entry.Bits.Activations;
}
