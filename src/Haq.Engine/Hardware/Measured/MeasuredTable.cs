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
    /// A figure between two measured ones of the layer on both sides; null where there are none. Figures that share a width with the missing one come first, in proportion to the other width, and the
    /// mean of both where there are such on either width; without them those of any widths, in proportion to the product of both.
    /// </summary>
    public MeasuredEntry? Between(QuantizableLayer layer, LayerBits bits)
    {
        var all = Of(layer);
        var alongActivations = Between(all.Where(e => e.Bits.Weights == bits.Weights), bits, b => b.Activations);
        var alongWeights = Between(all.Where(e => e.Bits.Activations == bits.Activations), bits, b => b.Weights);
        if (alongActivations is { } one && alongWeights is { } other) return Mix(one, other, bits, 0.5);
        return alongActivations ?? alongWeights ?? Between(all, bits, b => b.Weights * b.Activations);
    }

    private static MeasuredEntry? Between(IEnumerable<MeasuredEntry> entries, LayerBits bits, Func<LayerBits, double> along)
    {
        MeasuredEntry? below = null, above = null;
        double at = along(bits);
        foreach (var entry in entries)
        {
            double here = along(entry.Bits);
            if (here <= at && (below is not { } low || here >= along(low.Bits))) below = entry;
            if (here >= at && (above is not { } high || here < along(high.Bits))) above = entry;
        }
        if (below is not { } from || above is not { } to) return null;
        double span = along(to.Bits) - along(from.Bits);
        return Mix(from, to, bits, span > 0 ? (at - along(from.Bits)) / span : 0.5);
    }

    private static MeasuredEntry Mix(in MeasuredEntry from, in MeasuredEntry to, LayerBits bits, double share)
    {
        return new MeasuredEntry(from.Layer, bits, Of(from.Seconds, to.Seconds), from.Joules is { } a && to.Joules is { } b ? Of(a, b) : null);

        double Of(double low, double high) => low + (high - low) * share;
    }

    private ImmutableArray<MeasuredEntry> Of(QuantizableLayer layer) =>
        _byLayer.TryGetValue(layer.Name, out var named) ? named
        : _byLayer.TryGetValue(layer.Shape.ToString(), out var shaped) ? shaped : [];

    private static double Product(MeasuredEntry entry) => entry.Bits.Weights * entry.Bits.Activations;
}
