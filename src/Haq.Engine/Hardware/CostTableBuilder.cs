using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>Fills the cost table of a network: every distinct layer once, in parallel.</summary>
internal sealed class CostTableBuilder
{
    private static readonly LayerCost s_impossible = new(0, double.NaN, null, default, default, 0);

    private readonly HardwareTarget _target;
    private readonly IReadOnlyList<QuantizableLayer> _layers;
    private readonly int _batch;
    private readonly HostBorders _borders;

    // What the target computes itself.
    private readonly SupportedBits _own;

    public CostTableBuilder(HardwareTarget target, IReadOnlyList<QuantizableLayer> layers, int? batch, HostBorders? borders = null)
    {
        (_target, _layers, _batch, _borders) = (target, layers, batch ?? target.Batch, borders ?? HostBorders.None);
        _own = target.Host is null ? target.Bits : new SupportedBits(target.Bits.Pairs.Where(p => p != LayerBits.Float));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_batch, nameof(batch));
        if (target.IsBatchFixed && _batch != target.Batch)
        {
            throw DiagnosticCatalog.BatchNotMeasured.Error(
                (SourceLocation?)null, $"{target.Name} was measured with a batch of {target.Batch} and says nothing of {_batch}. Leave the batch out, or measure again.");
        }
    }

    public CostTable Build(long fixedBits)
    {
        _target.Model.Check([.. _layers.Where(l => !l.Shape.IsTensor)], _own);
        var (rowOf, representatives) = DistinctRows();
        ImmutableArray<Bitwidth> weights = _target.Bits.PricedWeights, activations = _target.Bits.PricedActivations;
        int perRow = weights.Length * activations.Length;
        var cells = new LayerCost[representatives.Count * perRow];
        WidthEdges? outputs = null;
        try
        {
            Parallel.For(0, cells.Length, cell =>
            {
                (int row, int pair) = Math.DivRem(cell, perRow);
                (int w, int a) = Math.DivRem(pair, activations.Length);
                cells[cell] = Price(representatives[row], new LayerBits(weights[w], activations[a]), AssumedOutput(representatives[row]));
            });
            if (_target.Model.RunsNarrowAsWide) NarrowAsWide(cells, weights.Length, activations);
            if (!_target.Bits.HasFloat) BoundFloat(cells, representatives, weights, activations);
            if (_target.Model.DependsOnOutput) outputs = new OutputEdges(_own, EightOutput, (layer, bits, output) => Price(layer, bits, output, InsteadOfFloat(bits))).Of(_layers, rowOf);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<HaqException>().MinBy(h => h.Message, StringComparer.Ordinal) is { } first)
        {
            throw new HaqException(first.Diagnostic, e);
        }
        return new CostTable(new CostCells
        {
            Cells = cells,
            RowOf = rowOf,
            Weights = [.. _layers.Select(l => l.Shape.Weights)],
            FixedBits = fixedBits,
            WeightWidths = weights,
            ActivationWidths = activations,
            Batch = _batch,
            Whole = _target.Model.DependsOnOutput ? new WholePrices(rowOf, PriceOf, OutputWidth).Of : null,
            HasFloat = _target.Bits.HasFloat,
            Converts = WidthEdges.Of(Converts.Of(_target, _layers, _batch), _target.Host is { } host ? _borders.Edges(host, _batch) : null),
            Outputs = outputs,
        });
    }

    // The target has no figure for floating point. Its widest integers, moved as 32 bits, are the least that it can cost; never less than they cost themselves.
    private void BoundFloat(LayerCost[] cells, List<QuantizableLayer> representatives, ImmutableArray<Bitwidth> weights, ImmutableArray<Bitwidth> activations)
    {
        var widest = _target.Bits.Widest;
        int perRow = weights.Length * activations.Length, real = activations.Length - 1, integers = weights.IndexOf(widest.Weights) * activations.Length + activations.IndexOf(widest.Activations);
        Parallel.For(0, representatives.Count, row =>
        {
            for (int w = weights.Length - 1; w >= 0; w--)
            {
                ref var cell = ref cells[row * perRow + w * activations.Length + real];
                if (!double.IsNaN(cell.Seconds)) continue;
                cell = Price(representatives[row], new LayerBits(weights[w], Bitwidth.Float), AssumedOutput(representatives[row]), widest);
                if (cells[row * perRow + integers] is var least && cell.Seconds < least.Seconds) cell = least;
                if (_target.Model.RunsNarrowAsWide && w + 1 < weights.Length) cell = Cheaper(cell, cells[row * perRow + (w + 1) * activations.Length + real]);
            }
        });
    }

    // From the widest pair down: each takes over what one step wider costs, where that is less. What the host computes is no wider array.
    private void NarrowAsWide(Span<LayerCost> cells, int weights, ImmutableArray<Bitwidth> widths)
    {
        int activations = widths.Length, perRow = weights * activations;
        for (int row = 0; row < cells.Length; row += perRow)
        {
            for (int pair = perRow - 1; pair >= 0; pair--)
            {
                ref var own = ref cells[row + pair];
                if (_target.Host is not null && widths[pair % activations].IsFloat) continue;
                if (pair % activations + 1 < activations && (_target.Host is null || !widths[pair % activations + 1].IsFloat)) own = Cheaper(own, cells[row + pair + 1]);
                if (pair / activations + 1 < weights) own = Cheaper(own, cells[row + pair + activations]);
            }
        }
    }

    private static LayerCost Cheaper(in LayerCost own, in LayerCost wider)
    {
        if (double.IsNaN(wider.Seconds) || wider.Seconds > own.Seconds) return own;
        bool lessEnergy = wider.Energy is { } e && own.Energy is { } o && e.Total < o.Total;
        return wider.Seconds < own.Seconds || lessEnergy ? wider : own;
    }

    private Bitwidth WidestOutput => _own.Activations[^1];

    // The widest output of at most 8 bits, where the target has one.
    private Bitwidth EightOutput => _target.Bits.Activations.LastOrDefault(a => a <= Bitwidth.Eight) is { Bits: > 0 } narrow ? narrow : WidestOutput;

    // What more an output costs that is read in 16 bits stands on the edge to its reader.
    private Bitwidth AssumedOutput(QuantizableLayer layer) => layer.Consumers.IsEmpty ? WidestOutput : EightOutput;

    private LayerCost PriceOf(int layer, LayerBits bits, Bitwidth output) => Price(_layers[layer], bits, output, InsteadOfFloat(bits));

    private LayerBits? InsteadOfFloat(LayerBits bits) => bits.Activations.IsFloat && !_target.Bits.HasFloat ? _target.Bits.RoundUp(bits) ?? _target.Bits.Widest : null;

    // Written once, in the width of its most demanding reader, as far as the target has it.
    private Bitwidth OutputWidth(int layer, Policy policy)
    {
        if (_layers[layer].Consumers is not { IsEmpty: false } consumers) return WidestOutput;
        var asked = consumers.Max(c => policy[c].Activations);
        return asked < WidestOutput ? asked : WidestOutput;
    }

    private LayerCost Price(QuantizableLayer layer, LayerBits bits, Bitwidth output, LayerBits? computedAs = null)
    {
        if (layer.Shape.IsTensor) return _target.Model.PriceTensor(new TensorWork(layer.Shape.In, bits.Activations, layer.Passes, _batch));
        if (_target.Host is { } host)
        {
            bool isOnHost = bits.Activations.IsFloat || _borders[layer.Index].IsOnHost;
            var own = isOnHost ? host.Layer(layer.Shape, _batch) : OnTarget(layer, bits, output, computedAs);
            return double.IsNaN(own.Seconds) ? own : _borders.Add(own, layer.Index, isOnHost, host, _batch);
        }
        return OnTarget(layer, bits, output, computedAs);
    }

    private LayerCost OnTarget(QuantizableLayer layer, LayerBits bits, Bitwidth output, LayerBits? computedAs)
    {
        if ((computedAs ?? _target.Bits.RoundUp(bits)) is not { } computed) return s_impossible;
        try
        {
            return _target.Model.Price(new Workload(layer, bits, computed, _batch, layer.Index == 0, output));
        }
        catch (OverflowException e)
        {
            throw DiagnosticCatalog.CostOverflow.Error(
                (SourceLocation?)null, $"the cost of layer '{layer.Name}' ({layer.Shape}) on {_target.Name} with a batch of {_batch} does not fit 64 bits. Use a smaller batch.", e);
        }
    }

    // Layers of one shape cost the same, except the first, which some targets treat apart, and where the figures go by name.
    private (int[] RowOf, List<QuantizableLayer> Representatives) DistinctRows()
    {
        var rows = new Dictionary<(LayerShape, bool, bool, int, string?, int?), int>();
        var representatives = new List<QuantizableLayer>();
        int[] rowOf = new int[_layers.Count];
        for (int i = 0; i < rowOf.Length; i++)
        {
            var layer = _layers[i];
            var key = (layer.Shape, layer.Index == 0, layer.Consumers.IsEmpty, layer.Passes, _target.Model.IsByName ? layer.Name : null,
                _target.Host is not null && !_borders[i].IsNothing ? i : (int?)null);
            if (!rows.TryGetValue(key, out int row))
            {
                rows[key] = row = representatives.Count;
                representatives.Add(layer);
            }
            rowOf[i] = row;
        }
        return (rowOf, representatives);
    }
}
