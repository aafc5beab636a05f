using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>One additive cost of a policy and the limit on its sum over the layers.</summary>
/// <param name="Name">For messages: latency, energy or size.</param>
/// <param name="Limit">The limit, in the cost's own unit: seconds, picojoules, bits.</param>
/// <param name="Cost">What one layer's choice adds.</param>
/// <param name="Between">What a cost between two choices adds.</param>
/// <param name="Whole">What a whole policy takes of the limit.</param>
internal sealed record CostDimension(string Name, double Limit, Func<int, LayerBits, double> Cost, Func<LayerCost, double> Between, Func<NetworkCost, double> Whole)
{
    /// <summary>The bounds of <paramref name="budget"/>, without those that no policy of <paramref name="space"/> can break.</summary>
    public static IReadOnlyList<CostDimension> Of(SearchSpace space, CostTable costs, Budget budget)
    {
        var dimensions = new List<CostDimension>();
        if (budget.LatencySeconds is { } seconds) dimensions.Add(Latency(costs, seconds));
        if (budget.EnergyJoules is { } joules) dimensions.Add(Energy(costs, joules));
        if (budget.SizeBits is { } bits) dimensions.Add(Size(costs, bits));
        if (budget.FileBits is { } file) dimensions.Add(File(costs, file));
        return costs.Edges is not null ? dimensions : [.. dimensions.Where(d => d.Most(space) > d.Limit)];
    }

    /// <summary>Seconds, within a latency.</summary>
    public static CostDimension Latency(CostTable costs, double seconds) => new("latency", seconds, (layer, b) => costs[layer, b].Seconds, c => c.Seconds, n => n.LatencySeconds);

    /// <summary>Energy in picojoules; infinite where the hardware has no energy model.</summary>
    public static CostDimension Energy(CostTable costs, double joules) =>
        new("energy", joules * 1e12, (layer, b) => costs[layer, b].Energy?.Total ?? double.PositiveInfinity, c => c.Energy?.Total ?? 0,
            n => n.EnergyJoules * 1e12 ?? double.PositiveInfinity);

    /// <summary>Bits of the weights, within a size of the whole model.</summary>
    public static CostDimension Size(CostTable costs, long bits) => new("size", bits - costs.FixedBits, (layer, b) => costs.SizeBits(layer, b.Weights), _ => 0,
        n => n.SizeBits - costs.FixedBits);

    /// <summary>Bits of the weights in the model's file, within a size of the whole file.</summary>
    public static CostDimension File(CostTable costs, long bits) => new("file-size", bits - costs.File!.FixedBits, (layer, b) => costs.File.Bits(layer, b), _ => 0,
        n => n.FileBits - costs.File.FixedBits);

    /// <summary>The largest sum in a space.</summary>
    public double Most(SearchSpace space) => Enumerable.Range(0, space.Layers).Sum(i => space.ChoicesOf(i).ToArray().Max(b => Cost(i, b)));

    /// <summary>The policy with the smallest sum in a space, before costs between choices.</summary>
    public Policy Cheapest(SearchSpace space)
    {
        var bits = new LayerBits[space.Layers];
        foreach (var group in space.Groups)
        {
            LayerBits At(int layer, Bitwidth a) => space.WeightsOf(layer, a).ToArray().Select(w => new LayerBits(w, a)).MinBy(b => Cost(layer, b));
            var least = space.ActivationsOf(group[0]).ToArray().MinBy(a => group.Sum(layer => Cost(layer, At(layer, a))));
            foreach (int layer in group) bits[layer] = At(layer, least);
        }
        return new Policy([.. bits]);
    }

    /// <summary>The sum over a policy, with costs between choices.</summary>
    public double Total(CostTable costs, Policy policy)
    {
        double total = Enumerable.Range(0, policy.Count).Sum(i => Cost(i, policy[i]));
        for (int e = 0; costs.Edges is { } edges && e < edges.Count; e++)
        {
            var (from, to) = edges.Ends(e);
            total += Between(edges.Cost(e, policy[from].Activations, policy[to].Activations));
        }
        return total;
    }
}
