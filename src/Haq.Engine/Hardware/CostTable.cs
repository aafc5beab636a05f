using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What every layer costs at every pair of widths that the target prices: a dense table, so that pricing a policy is a sum. Immutable.
/// Where a cost depends on the width of the output, sums take an upper bound of it; <see cref="PriceWhole"/> is exact.
/// </summary>
public sealed class CostTable
{
    private readonly CostCells _parts;
    private readonly sbyte[] _weightSlot;
    private readonly sbyte[] _activationSlot;

    // Behind the layers stand tensors between them, which have no weights.
    private readonly int _last;

    /// <summary>A table over the widths 1..8, with <paramref name="cells"/> laid out <c>[layer, weights-1, activations-1]</c>.</summary>
    /// <param name="cells">64 entries per layer.</param>
    /// <param name="weights">Number of weights per layer.</param>
    /// <param name="fixedBits">Bits of all parameters whose width is not chosen (biases, layers left in float).</param>
    public CostTable(LayerCost[] cells, ImmutableArray<long> weights, long fixedBits)
        : this(new CostCells
        {
            Cells = cells,
            RowOf = [.. Enumerable.Range(0, weights.Length)],
            Weights = weights,
            FixedBits = fixedBits,
            WeightWidths = s_oneToEight,
            ActivationWidths = s_oneToEight,
        })
    { }

    /// <summary>Prices every layer on <paramref name="target"/> at every pair of widths.</summary>
    /// <param name="target">The hardware.</param>
    /// <param name="layers">By index.</param>
    /// <param name="fixedBits">Bits of all parameters whose width is not chosen.</param>
    /// <param name="batch">Images at a time; null for the target's own.</param>
    /// <param name="borders">What the toolchain leaves to the host; counts where the target has figures of one.</param>
    /// <exception cref="HaqException">A cost does not fit 64 bits, or the target was measured with another batch or lacks a layer (HAQ0206 to HAQ0208).</exception>
    public static CostTable Build(HardwareTarget target, IReadOnlyList<QuantizableLayer> layers, long fixedBits, int? batch = null, HostBorders? borders = null) =>
        new CostTableBuilder(target, layers, batch, borders).Build(fixedBits);

    internal CostTable(CostCells parts)
    {
        int perRow = parts.WeightWidths.Length * parts.ActivationWidths.Length;
        if (parts.Cells.Length % perRow != 0 || parts.RowOf.Length != parts.Weights.Length)
            throw new ArgumentException($"expected {perRow} cells per row and a row per layer", nameof(parts));
        _parts = parts;
        Edges = WidthEdges.Of(parts.Converts, parts.Outputs);
        _last = parts.Weights.Length - 1;
        while (_last > 0 && parts.Weights[_last] == 0) _last--;
        (_weightSlot, _activationSlot) = (Slots(parts.WeightWidths), Slots(parts.ActivationWidths));
    }

    private static readonly ImmutableArray<Bitwidth> s_oneToEight = [.. Enumerable.Range(1, 8).Select(b => new Bitwidth(b))];

    /// <summary>Number of layers.</summary>
    public int Layers => _parts.RowOf.Length;

    /// <summary>Images at a time that the costs are for.</summary>
    public int Batch => _parts.Batch;

    /// <summary>Bits of all parameters whose width is not chosen.</summary>
    public long FixedBits => _parts.FixedBits;

    /// <summary>What policies take in the model's file; null where no limit asks for it.</summary>
    public FileSizes? File => _parts.File;

    /// <summary>Weight widths in the table, ascending.</summary>
    public ImmutableArray<Bitwidth> WeightWidths => _parts.WeightWidths;

    /// <summary>Activation widths in the table, ascending.</summary>
    public ImmutableArray<Bitwidth> ActivationWidths => _parts.ActivationWidths;

    /// <summary>Every entry has an energy.</summary>
    public bool HasEnergy => _parts.Cells.Length > 0 && _parts.Cells.All(c => c.Energy is not null || double.IsNaN(c.Seconds));

    /// <summary>The table has an entry for these widths: the target can compute with them, or has a least cost for floating point.</summary>
    public bool Holds(LayerBits bits) => Layers == 0 ? HasSlots(bits) : Holds(0, bits);

    private bool Holds(int layer, LayerBits bits) => HasSlots(bits) && !double.IsNaN(_parts.Cells[Index(layer, bits)].Seconds);

    private bool HasSlots(LayerBits bits) => Slot(_weightSlot, bits.Weights) >= 0 && Slot(_activationSlot, bits.Activations) >= 0;

    /// <summary>The cost of one layer at given bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The target has no entry for these widths.</exception>
    public ref readonly LayerCost this[int layer, LayerBits bits]
    {
        get
        {
            ref readonly var cell = ref _parts.Cells[Index(layer, bits)];
            if (double.IsNaN(cell.Seconds)) throw NotPriced(bits);
            return ref cell;
        }
    }

    /// <summary>The stored bits of one layer's weights, with their codebook where they share one.</summary>
    public long SizeBits(int layer, Bitwidth weights) => _parts.Weights[layer] * weights.Bits + (_parts.HasCodebooks && !weights.IsFloat ? CodebookBits(_parts.Weights[layer], weights) : 0);

    /// <summary>
    /// This table for weights that share codebooks of 32-bit reals while activations stay in floating point: sizes count the codebooks. Where the target has no figure for floating point,
    /// every such pair is priced as the widest one that it computes with, whatever the weights' width: it says nothing about the choice.
    /// </summary>
    public CostTable WithCodebooks()
    {
        if (_parts.HasFloat) return new CostTable(_parts with { HasCodebooks = true, Converts = null });
        var (weights, activations) = (WeightWidths, ActivationWidths);
        if (!activations[^1].IsFloat) activations = activations.Add(Bitwidth.Float);
        int from = ActivationWidths.Length, to = activations.Length, reals = to - 1, rows = _parts.Cells.Length / (weights.Length * from);
        var cells = new LayerCost[rows * weights.Length * to];
        for (int row = 0; row < rows; row++)
        {
            var source = _parts.Cells.AsSpan(row * weights.Length * from, weights.Length * from);
            var widest = source[0];
            for (int w = 0; w < weights.Length; w++)
            {
                for (int a = 0; a < reals; a++)
                    if (!weights[w].IsFloat && !double.IsNaN(source[w * from + a].Seconds)) widest = source[w * from + a];
            }

            for (int w = 0; w < weights.Length; w++)
            {
                source.Slice(w * from, reals).CopyTo(cells.AsSpan((row * weights.Length + w) * to));
                cells[(row * weights.Length + w) * to + reals] = widest;
            }
        }
        return new CostTable(_parts with { Cells = cells, ActivationWidths = activations, Whole = null, HasCodebooks = true, Converts = null });
    }

    // No more entries than there are weights.
    private static long CodebookBits(long weights, Bitwidth width) => sizeof(float) * 8 * Math.Min(weights, 1L << width);

    /// <summary>Costs between choices: tensors of different widths that are joined, outputs that are written wider for what reads them. Null where there are none.</summary>
    internal WidthEdges? Edges { get; }

    /// <summary>Every width of a policy is one that the target has a cost for; combinations that are only measured, to tell what weights and activations do apart, need not be.</summary>
    public bool Prices(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        for (int i = 0; i < policy.Count; i++)
            if (!Holds(i, policy[i])) return false;
        return true;
    }

    /// <summary>The cost of the whole network: a sum over its layers and tensors, and over what lies between them.</summary>
    public NetworkCost Price(Policy policy)
    {
        var total = new CostSum(FixedBits);
        for (int i = 0; i < policy.Count; i++) total.Add(this[i, policy[i]], SizeBits(i, policy[i].Weights), i == 0 || i == _last);
        Edges?.AddTo(ref total, policy);
        return total.Network with { FileBits = FileBits(policy) };
    }

    /// <summary>What an entry, the width of its output and bringing other tensors to its width cost under a policy.</summary>
    public LayerCost CostIn(Policy policy, int layer)
    {
        var own = this[layer, policy[layer]];
        own = _parts.Outputs?.OutOf(own, layer, policy) ?? own;
        return _parts.Converts?.Into(own, layer, policy) ?? own;
    }

    /// <summary>What each layer costs with every output written in its consumers' width. Never above the table's entries and the changes of width; slower.</summary>
    public LayerCost[] LayerCosts(Policy policy)
    {
        var costs = _parts.Whole?.Invoke(policy);
        if (costs is null)
        {
            costs = new LayerCost[policy.Count];
            for (int i = 0; i < costs.Length; i++) costs[i] = _parts.Outputs?.OutOf(this[i, policy[i]], i, policy) ?? this[i, policy[i]];
        }
        for (int i = 0; _parts.Converts is not null && i < costs.Length; i++) costs[i] = _parts.Converts.Into(costs[i], i, policy);
        return costs;
    }

    /// <summary>The sum of <see cref="LayerCosts"/>.</summary>
    public NetworkCost PriceWhole(Policy policy)
    {
        if (_parts.Whole is null) return Price(policy);
        var total = new CostSum(FixedBits);
        var costs = LayerCosts(policy);
        for (int i = 0; i < costs.Length; i++) total.Add(costs[i], SizeBits(i, policy[i].Weights), i == 0 || i == _last);
        return total.Network with { FileBits = FileBits(policy) };
    }

    /// <summary>Sums over entries are above what policies cost.</summary>
    internal bool IsBound => _parts.Whole is not null;

    /// <summary>This table with what policies take in the model's file.</summary>
    public CostTable WithFile(FileSizes file) =>
        new(_parts with { File = file });

    private long FileBits(Policy policy)
    {
        if (File is not { } file) return 0;
        long bits = file.FixedBits;
        for (int i = 0; i < policy.Count; i++) bits += file.Bits(i, policy[i]);
        return bits;
    }

    private int Index(int layer, LayerBits bits)
    {
        int w = Slot(_weightSlot, bits.Weights), a = Slot(_activationSlot, bits.Activations);
        if ((w | a) < 0) throw NotPriced(bits);
        return (_parts.RowOf[layer] * WeightWidths.Length + w) * ActivationWidths.Length + a;
    }

    private static ArgumentOutOfRangeException NotPriced(LayerBits bits) => new(nameof(bits), $"the target has no cost for {bits}");

    private static int Slot(sbyte[] slots, Bitwidth width) => slots[width.Bits];

    private static sbyte[] Slots(ImmutableArray<Bitwidth> widths)
    {
        var slots = new sbyte[Bitwidth.Max + 1];
        Array.Fill(slots, (sbyte)-1);
        for (int i = 0; i < widths.Length; i++) slots[widths[i].Bits] = (sbyte)i;
        return slots;
    }
}
