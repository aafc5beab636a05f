using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The bits of a network as a knapsack: an item per activation group, priced by the cost table, under every bound of the budget.</summary>
internal sealed class PolicyKnapsack
{
    private readonly KnapsackInstance _instance;
    private readonly int _layers;

    /// <summary>A knapsack over <paramref name="space"/> that minimizes the sum of <paramref name="damage"/>.</summary>
    public PolicyKnapsack(SearchSpace space, CostTable costs, Budget budget, Func<int, LayerBits, double> damage)
        : this(space, CostDimension.Of(space, costs, budget), damage) { }

    /// <summary>A knapsack over <paramref name="space"/> under the given constraints.</summary>
    public PolicyKnapsack(SearchSpace space, IReadOnlyList<CostDimension> constraints, Func<int, LayerBits, double> damage)
    {
        _layers = space.Layers;
        var items = space.Groups.Select(group => new KnapsackItem(group.Length == 1
            ? [[Options(group[0], space.ChoicesOf(group[0]).ToArray())]]
            : [.. space.ActivationsOf(group[0]).ToArray().Select(a => group.Select(member => Options(member, [.. space.WeightsOf(member, a).Select(w => new LayerBits(w, a))])).ToArray())]));
        _instance = new KnapsackInstance([.. items], [.. constraints.Select(c => c.Limit)]);

        OptionSet Options(int layer, LayerBits[] bits)
        {
            double[] hurts = [.. bits.Select(b => damage(layer, b))];
            double[] spends = [.. bits.SelectMany(b => constraints.Select(c => c.Of(layer, b)))];
            return new OptionSet(layer, bits, hurts, spends, constraints.Count);
        }
    }

    /// <summary>The least damaging affordable policy; null where there is none.</summary>
    public KnapsackSolution? Solve() =>
        KnapsackSolver.Solve(_instance) is { } found ? new KnapsackSolution(ToPolicy(found.Picks), KnapsackInstance.DamageOf(found.Picks), found.Bound) : null;

    /// <summary>The optimum for every value of one cost, as far as a multiplier can reach it: from the cheapest policy to the least damaging one.</summary>
    public IEnumerable<Policy> Front(int constraint = 0) => new HullWalk(_instance, constraint).Vertices().Select(ToPolicy);

    private Policy ToPolicy(Pick[] picks)
    {
        var bits = new LayerBits[_layers];
        for (int i = 0; i < picks.Length; i++)
        {
            var members = _instance.Items[i].Alternatives[picks[i].Alternative];
            for (int m = 0; m < members.Length; m++) bits[members[m].Layer] = members[m].Bits[picks[i].Options[m]];
        }
        return new Policy(ImmutableArray.Create(bits));
    }
}
