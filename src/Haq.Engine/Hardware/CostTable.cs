using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>What every layer costs at every pair of widths 1..8: a dense table, so that pricing a policy is a sum. Immutable.</summary>
public sealed class CostTable
{
    /// <summary>The widest width in the table.</summary>
    public const int MaxBits = 8;

    private readonly LayerCost[] _cells;
    private readonly ImmutableArray<long> _weights;
    private readonly double _clockHertz;
    private readonly long _fixedBits;

    /// <summary>A table with <paramref name="cells"/> laid out <c>[layer, weights-1, activations-1]</c>.</summary>
    /// <param name="cells">MaxBits x MaxBits entries per layer.</param>
    /// <param name="weights">Number of weights per layer.</param>
    /// <param name="clockHertz">The target's clock.</param>
    /// <param name="fixedBits">Bits of all parameters whose width is not chosen (biases, layers left in float).</param>
    public CostTable(LayerCost[] cells, ImmutableArray<long> weights, double clockHertz, long fixedBits)
    {
        if (cells.Length != weights.Length * MaxBits * MaxBits) throw new ArgumentException("expected 64 cells per layer", nameof(cells));
        (_cells, _weights, _clockHertz, _fixedBits) = (cells, weights, clockHertz, fixedBits);
    }

    /// <summary>Number of layers.</summary>
    public int Layers => _weights.Length;

    /// <summary>Clock in hertz.</summary>
    public double ClockHertz => _clockHertz;

    /// <summary>The cost of one layer at given bits.</summary>
    public ref readonly LayerCost this[int layer, LayerBits bits] =>
        ref _cells[(layer * MaxBits + bits.Weights.Bits - 1) * MaxBits + bits.Activations.Bits - 1];

    /// <summary>The stored bits of one layer's weights.</summary>
    public long SizeBits(int layer, Bitwidth weights) => _weights[layer] * weights.Bits;

    /// <summary>The cost of the whole network.</summary>
    public NetworkCost Price(Policy policy)
    {
        long cycles = 0, size = _fixedBits;
        double energy = 0;
        bool hasEnergy = true;
        for (int i = 0; i < policy.Count; i++)
        {
            ref readonly var cost = ref this[i, policy[i]];
            cycles += cost.Cycles;
            size += SizeBits(i, policy[i].Weights);
            if (cost.Energy is { } e) energy += e.Total;
            else hasEnergy = false;
        }
        long inner = cycles - (Layers > 0 ? this[0, policy[0]].Cycles : 0) - (Layers > 1 ? this[Layers - 1, policy[Layers - 1]].Cycles : 0);
        return new NetworkCost(cycles, inner, cycles / _clockHertz, hasEnergy ? energy * 1e-12 : null, size);
    }
}
