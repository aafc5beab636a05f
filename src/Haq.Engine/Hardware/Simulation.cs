using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>A network on a target, ready to price policies layer by layer.</summary>
public sealed class Simulation
{
    /// <summary>Prices every layer of a network.</summary>
    /// <param name="target">The hardware.</param>
    /// <param name="layers">By index.</param>
    /// <param name="fixedBits">Bits of all parameters whose width is not chosen.</param>
    /// <param name="batch">Images at a time; null for the target's own.</param>
    /// <param name="borders">What the toolchain leaves to the host; counts where the target has figures of one.</param>
    /// <exception cref="HaqException">As <see cref="CostTable.Build"/>.</exception>
    public Simulation(HardwareTarget target, IReadOnlyList<QuantizableLayer> layers, long fixedBits, int? batch = null, HostBorders? borders = null) =>
        (Target, Layers, Costs) = (target, layers, CostTable.Build(target, layers, fixedBits, batch, borders));

    /// <summary>The hardware.</summary>
    public HardwareTarget Target { get; }

    /// <summary>By index.</summary>
    public IReadOnlyList<QuantizableLayer> Layers { get; }

    /// <summary>What every choice costs.</summary>
    public CostTable Costs { get; }

    /// <summary>The target can compute with these widths, rounded up if need be.</summary>
    public bool Holds(LayerBits bits) => Costs.Holds(bits);

    /// <summary>Prices one policy, every layer shown.</summary>
    /// <exception cref="HaqException">The target cannot compute with some of its widths (HAQ0205).</exception>
    public SimulatedPolicy Run(string label, Policy policy)
    {
        for (int i = 0; i < policy.Count; i++)
        {
            if (Holds(policy[i])) continue;
            throw DiagnosticCatalog.BitsUnsupported.Error(
                (SourceLocation?)null, $"{Target.Name} cannot compute with {policy[i]} (layer '{Layers[i].Name}'); it computes with {Target.Bits}. Choose narrower widths.");
        }
        var costs = Costs.LayerCosts(policy);
        return new SimulatedPolicy(label, policy, [.. Layers.Select(l => Of(l, policy[l.Index], costs[l.Index]))], Costs.PriceWhole(policy));
    }

    /// <summary>One layer at one pair of widths, its output as wide as the target allows.</summary>
    public SimulatedLayer LayerAt(int layer, LayerBits bits) => Of(Layers[layer], bits, Costs[layer, bits]);

    private SimulatedLayer Of(QuantizableLayer layer, LayerBits bits, in LayerCost cost) =>
        new(layer, bits, cost, Target.RooflineOf(cost, layer.Shape, Costs.Batch, bits));
}
