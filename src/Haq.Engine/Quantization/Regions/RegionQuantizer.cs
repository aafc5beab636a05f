using System.Collections.Concurrent;
using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Regions;

/// <summary>Gives a network the numbers of a plan: layers in integers or in floating point, and QuantizeLinear/DequantizeLinear pairs where a region of integers begins, ends or goes on.</summary>
/// <param name="quantizer">Gives layers their numbers.</param>
/// <param name="map">The network's units.</param>
/// <param name="widths">The integer widths of each layer, by index.</param>
public sealed class RegionQuantizer(PostTrainingQuantizer quantizer, RegionMap map, ImmutableArray<LayerBits> widths)
{
    private readonly ConcurrentDictionary<string, Lazy<QuantizedTable>> _blocks = new(StringComparer.Ordinal);

    /// <summary>The network's units.</summary>
    public RegionMap Map => map;

    /// <summary>The policy that a plan is: a layer's widths, or floating point.</summary>
    public Policy PolicyOf(RegionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var bits = widths.ToArray();
        for (int u = 0; u < map.Units.Length; u++)
            if (map.Units[u].Layer is { } layer) bits[layer.Layer.Index] = WidthsOf(layer.Layer.Index, plan[u]);
        return new Policy([.. bits]);
    }

    /// <summary>The same with the widths of integers that a policy gives.</summary>
    public RegionQuantizer Under(Policy given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return new RegionQuantizer(quantizer, map, [.. widths.Select((own, layer) => given[layer].Activations.IsFloat ? own : given[layer])]);
    }

    private LayerBits WidthsOf(int layer, UnitForm form) => form switch
    {
        UnitForm.Integers => widths[layer],
        UnitForm.Dynamic => new LayerBits(8, 8),
        UnitForm.Blocks8 => new LayerBits(Bitwidth.Eight, Bitwidth.Float),
        UnitForm.Blocks4 => new LayerBits(new Bitwidth(4), Bitwidth.Float),
        _ => LayerBits.Float,
    };

    /// <summary>The numbers under a plan.</summary>
    public QuantizedModel Quantize(RegionPlan plan) => Place(quantizer.Quantize(PolicyOf(plan)), plan);

    /// <summary>The same layers in the forms, and with the pairs between layers, that a plan asks for.</summary>
    public QuantizedModel Place(QuantizedModel quantized, RegionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(quantized);
        ArgumentNullException.ThrowIfNull(plan);
        quantized = InForms(quantized, plan);
        var quantizers = QuantizersOf(quantized, plan);
        var junctions = ImmutableArray.CreateBuilder<QuantizedJunction>();
        foreach (var tensor in map.Tensors)
        {
            if (!quantizers.TryGetValue(tensor.Name, out var shared)) continue;
            bool whole = IsMadeInIntegers(plan, tensor);
            var readers = tensor.Consumers.Where(c => whole || plan.IsInteger(c))
                .SelectMany(c => map.Units[c].Inputs.Where(i => i.Tensor == tensor.Name).Select(i => (i.Node, i.Input, Layer: map.Units[c].Layer is not null && plan.IsInteger(c))))
                .Where(r => !r.Layer).Select(r => (r.Node, r.Input));
            if (whole) readers = readers.Concat(tensor.OtherReaders);
            ImmutableArray<(string Node, int Input)> all = [.. readers];
            if (!all.IsEmpty) junctions.Add(new QuantizedJunction(new Junction(tensor.Name, all), shared));
        }
        return quantized with
        {
            Junctions = junctions.ToImmutable(),
            Layers = [.. quantized.Layers.Select(l => l.Activation is { } own && quantizers.TryGetValue(l.Found.Input, out var shared) && shared != own ? Requantized(l, shared) : l)],
        };
    }

    private QuantizedModel InForms(QuantizedModel quantized, RegionPlan plan)
    {
        var layers = quantized.Layers.ToBuilder();
        var tables = ImmutableArray.CreateBuilder<QuantizedTable>();
        for (int u = 0; u < map.Units.Length; u++)
        {
            var unit = map.Units[u];
            if (unit.Layer is { } found && plan[u] is UnitForm.Dynamic) layers[found.Layer.Index] = quantizer.Dynamic(found);
            else if (unit.Layer is { } blocked && plan[u] is UnitForm.Blocks8 or UnitForm.Blocks4)
                layers[blocked.Layer.Index] = quantizer.Blocked(blocked, plan[u] == UnitForm.Blocks8 ? Bitwidth.Eight : new Bitwidth(4), unit.Block);
            else if (unit.Table is { } table && TableOf(table, plan[u]) is { } rows) tables.Add(rows);
        }
        return quantized with { Layers = layers.ToImmutable(), Tables = tables.ToImmutable() };
    }

    private QuantizedTable? TableOf(FoundTable table, UnitForm form) => form switch
    {
        UnitForm.Rows8 => quantizer.Tables.FirstOrDefault(t => t.Found.Name == table.Name),
        UnitForm.Rows4 => _blocks.GetOrAdd(table.Name, _ => new(() => QuantizedTable.InBlocks(table, quantizer.Model.View.Floats(table.Table)))).Value,
        _ => null,
    };

    private bool IsMadeInIntegers(RegionPlan plan, RegionTensor tensor) => tensor.Producer >= 0 && plan.IsInteger(tensor.Producer) && !map.Units[tensor.Producer].GivesReals;

    // A tensor has one scale for all that read it. What only moves values hands its own on, so that no kernel has to convert.
    private Dictionary<string, Quantizer> QuantizersOf(QuantizedModel quantized, RegionPlan plan)
    {
        var ofLayers = quantized.Layers.Where(l => l.Activation is not null).GroupBy(l => l.Found.Input, StringComparer.Ordinal).ToDictionary(g =>
            g.Key, g => g.First().Activation!.Value, StringComparer.Ordinal);
        var quantizers = new Dictionary<string, Quantizer>(StringComparer.Ordinal);
        foreach (var tensor in map.Tensors.OrderBy(t => t.Producer))
        {
            bool isRead = tensor.Consumers.Any(plan.IsInteger);
            if (!isRead && !IsMadeInIntegers(plan, tensor)) continue;
            var own = ofLayers.TryGetValue(tensor.Name, out var shared) ? shared : quantizer.GridOf(tensor.Name, Bitwidth.Eight);
            bool moved = tensor.Producer >= 0 && plan.IsInteger(tensor.Producer) && map.Units[tensor.Producer].KeepsValues;
            quantizers[tensor.Name] = moved && quantizers.TryGetValue(map.Units[tensor.Producer].Inputs[0].Tensor, out var handed) && handed.Range == own.Range ? handed : own;
        }
        return quantizers;
    }

    private static QuantizedLayer Requantized(QuantizedLayer layer, Quantizer shared)
    {
        var moved = layer with { Activation = shared };
        return layer.Bias is { } bias ? moved.WithBias([.. bias.Values.Select(v => (double)v)]) : moved;
    }
}
