using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>The least that a network can cost in one quantity.</summary>
/// <param name="Value">Seconds, joules, bits, or bits of a weight.</param>
/// <param name="Policy">A policy that costs that little.</param>
/// <param name="HeldUpBy">The layers that make up most of it, the largest share first.</param>
public sealed record BudgetFloor(double Value, Policy Policy, ImmutableArray<FloorShare> HeldUpBy)
{
    private const int NamedLayers = 3;

    /// <summary>The cheapest policy among <paramref name="choices"/>; members of an activation group share their activation bits.</summary>
    /// <exception cref="ArgumentException">The members of a group have no activation width in common.</exception>
    public static BudgetFloor Of(CostQuantity quantity, CostTable costs, IReadOnlyList<QuantizableLayer> layers, LayerChoices choices)
    {
        var chosen = new LayerBits[layers.Count];
        double[] spent = new double[layers.Count];
        foreach (var group in layers.GroupBy(l => l.ActivationGroup))
        {
            int[] members = [.. group.Select(l => l.Index)];
            (double Cost, LayerBits[] Bits)? best = null;
            foreach (var width in WidthsOf(choices(members[0])))
            {
                if (Cheapest(quantity, costs, members, width, choices) is { } found && (best is not { } b || found.Cost < b.Cost)) best = found;
            }
            if (best is not { } group1) throw new ArgumentException($"layers {string.Join(", ", members)} share no activation width", nameof(choices));
            for (int i = 0; i < members.Length; i++)
            {
                chosen[members[i]] = group1.Bits[i];
                spent[members[i]] = CostOf(quantity, costs, members[i], group1.Bits[i]);
            }
        }
        var policy = new Policy([.. chosen]);
        var network = costs.Price(policy);
        double total = quantity switch
        {
            CostQuantity.Latency => network.LatencySeconds,
            CostQuantity.Energy => network.EnergyJoules ?? 0,
            CostQuantity.EffectiveBits => (network.SizeBits - costs.FixedBits) / (double)Math.Max(1, layers.Sum(l => l.Shape.Weights)),
            CostQuantity.File => network.FileBits,
            _ => network.SizeBits,
        };
        return new BudgetFloor(total, policy, Shares(layers, choices, spent, quantity == CostQuantity.EffectiveBits ? spent.Sum() : total));
    }

    private static ImmutableArray<FloorShare> Shares(IReadOnlyList<QuantizableLayer> layers, LayerChoices choices, double[] spent, double total) =>
    [
        .. layers.OrderByDescending(l => spent[l.Index]).ThenBy(l => l.Index).Take(NamedLayers)
            .Select(l => new FloorShare(l.Index, l.Name, total > 0 ? spent[l.Index] / total : 0, choices(l.Index).Length == 1)),
    ];

    private static (double Cost, LayerBits[] Bits)? Cheapest(CostQuantity quantity, CostTable costs, int[] members, Bitwidth activations, LayerChoices choices)
    {
        double total = 0;
        var bits = new LayerBits[members.Length];
        for (int i = 0; i < members.Length; i++)
        {
            double least = double.PositiveInfinity;
            foreach (var choice in choices(members[i]))
            {
                if (choice.Activations != activations) continue;
                double cost = CostOf(quantity, costs, members[i], choice);
                if (cost >= least) continue;
                (least, bits[i]) = (cost, choice);
            }
            total += least;
        }
        return double.IsPositiveInfinity(total) ? null : (total, bits);
    }

    private static double CostOf(CostQuantity quantity, CostTable costs, int layer, LayerBits bits) => quantity switch
    {
        CostQuantity.Latency => costs[layer, bits].Seconds,
        CostQuantity.Energy => costs[layer, bits].Energy is { } energy ? energy.Total * CostSum.JoulesPerPicojoule : 0,
        CostQuantity.File => costs.File!.Bits(layer, bits),
        _ => costs.SizeBits(layer, bits.Weights),
    };

    private static IEnumerable<Bitwidth> WidthsOf(ReadOnlySpan<LayerBits> choices)
    {
        var widths = new SortedSet<Bitwidth>();
        foreach (var choice in choices) widths.Add(choice.Activations);
        return widths;
    }
}
