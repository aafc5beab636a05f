using Haq.Engine.Dialects.Rules;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Importing;

/// <summary>The policy of a network that was quantized by another tool: the widths of its grids, or the next ones that a target computes.</summary>
internal sealed class ImportedWidths
{
    private readonly Dictionary<string, LayerBits> _layers = new(StringComparer.Ordinal);
    private readonly ImportedNetwork _network;
    private readonly Bitwidth? _one;

    /// <param name="model">The network, ready for the target.</param>
    /// <param name="network">What it was read from.</param>
    public ImportedWidths(QuantizableModel model, ImportedNetwork network)
    {
        _network = network;
        var form = model.Form;
        foreach (var found in model.Layers) _layers[found.Name] = Read(model, network, found);
        if (form is null) return;
        // With a pair behind every node, a file has one width between them.
        if (form.EveryTensor)
            _one = _layers.Values.Any(b => !b.Activations.IsFloat && b.Activations > Bitwidth.Eight) && Pairs(form).Any(p => p.Activations == Bitwidth.Sixteen) ? Bitwidth.Sixteen : Bitwidth.Eight;
        foreach (var found in model.Layers.Where(f => !_layers[f.Name].Weights.IsFloat)) _layers[found.Name] = Legal(form, _layers[found.Name]);
    }

    /// <summary>A layer's widths.</summary>
    public LayerBits Of(FoundLayer found) => _layers[found.Name];

    /// <summary>The width of a tensor between layers.</summary>
    public Bitwidth Between(string tensor) => _one ?? (_network.Activations.TryGetValue(tensor, out var known) ? known.Quantizer.Bits : Bitwidth.Eight);

    private static LayerBits Read(QuantizableModel model, ImportedNetwork network, FoundLayer found)
    {
        bool every = model.Form is { EveryTensor: true };
        Bitwidth? weights = network.Constants.TryGetValue((found.Name, found.WeightInput), out var grid) ? ImportedWeights.WidthOf(grid) : null;
        bool isRead = network.Activations.TryGetValue(found.Input, out var known) && known.Readers.Contains((found.Name, 1 - found.WeightInput));
        if (found.IsLeftInFloat || (weights is null && !every)) return LayerBits.Float;
        return new LayerBits(weights ?? Bitwidth.Eight, isRead ? known!.Quantizer.Bits : every ? Bitwidth.Eight : Bitwidth.Float);
    }

    private static IEnumerable<LayerBits> Pairs(DialectForm form) => form.Profile.Find<WidthsRule>() is { } rule ? rule.Pairs : [new LayerBits(8, 8)];

    // The narrowest pair that holds what there was; where none does, the widest.
    private LayerBits Legal(DialectForm form, LayerBits had)
    {
        var wanted = _one is { } one ? had with { Activations = one } : had;
        if (form.Allows(wanted)) return wanted;
        var pairs = Pairs(form).Where(p => _one is null || p.Activations == _one).OrderBy(p => p.Weights.Bits).ThenBy(p => p.Activations.Bits).ToList();
        if (pairs.Count == 0) return wanted;
        return pairs.Where(p => p.Weights >= wanted.Weights && p.Activations >= wanted.Activations).Cast<LayerBits?>().FirstOrDefault() ?? pairs[^1];
    }
}
