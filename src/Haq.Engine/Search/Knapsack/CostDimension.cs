using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>One additive cost of a policy and the limit on its sum over the layers.</summary>
/// <param name="Name">For messages: latency, energy or size.</param>
/// <param name="Limit">The limit, in the cost's own unit: cycles, picojoules, bits.</param>
/// <param name="Of">What one layer's choice adds.</param>
internal sealed record CostDimension(string Name, double Limit, Func<int, LayerBits, double> Of)
{
    // Summing energies in another order than CostTable.Price does may differ in the last digits.
    private const double EnergySlack = 1e-12;

    /// <summary>The bounds of <paramref name="budget"/>, without those that no policy of <paramref name="space"/> can break.</summary>
    public static IReadOnlyList<CostDimension> Of(SearchSpace space, CostTable costs, Budget budget)
    {
        var dimensions = new List<CostDimension>();
        if (budget.LatencySeconds is { } seconds) dimensions.Add(Latency(costs, seconds));
        if (budget.EnergyJoules is { } joules) dimensions.Add(Energy(costs, joules));
        if (budget.SizeBits is { } bits) dimensions.Add(Size(space, costs, bits));
        return [.. dimensions.Where(d => d.Most(space) > d.Limit)];
    }

    /// <summary>Cycles, within a latency.</summary>
    public static CostDimension Latency(CostTable costs, double seconds)
    {
        // The largest whole number of cycles whose time is within the bound as Budget.Admits computes it.
        double cycles = Math.Floor(seconds * costs.ClockHertz) + 1;
        while (cycles > 0 && cycles / costs.ClockHertz > seconds) cycles--;
        return new CostDimension("latency", cycles, (layer, b) => costs[layer, b].Cycles);
    }

    /// <summary>Energy in picojoules; unbounded where the hardware has no energy model.</summary>
    public static CostDimension Energy(CostTable costs, double joules) =>
        new("energy", joules * 1e12 * (1 - EnergySlack), (layer, b) => costs[layer, b].Energy?.Total ?? double.PositiveInfinity);

    /// <summary>Bits of the weights, within a size of the whole model.</summary>
    public static CostDimension Size(SearchSpace space, CostTable costs, long bits)
    {
        var any = space.Widest;
        long chosen = Enumerable.Range(0, space.Layers).Sum(i => costs.SizeBits(i, any[i].Weights));
        long always = costs.Price(any).SizeBits - chosen;
        return new CostDimension("size", bits - always, (layer, b) => costs.SizeBits(layer, b.Weights));
    }

    /// <summary>The largest sum in a space.</summary>
    public double Most(SearchSpace space)
    {
        double most = 0;
        for (int i = 0; i < space.Layers; i++)
        {
            double layer = double.NegativeInfinity;
            foreach (var choice in space.ChoicesOf(i)) layer = Math.Max(layer, Of(i, choice));
            most += layer;
        }
        return most;
    }
}
