using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The bits of a network as a knapsack: an item per activation group, priced by the cost table, under every bound of the budget.</summary>
internal sealed class PolicyKnapsack
{
    // Costs are added here in another order than in CostTable.Price, so that sums may differ in their last digits: the limits are first widened by this
    // much, and tightened by it where the answer then turns out to be over the budget.
    private const double Rounding = 1e-12;

    // Each a twentieth less than the one before: 60 go down to a twentieth of the limit.
    private const double Tightening = 0.95;
    private const int MostTightenings = 60;

    private readonly KnapsackInstance _instance;
    private readonly Func<int, LayerBits, double> _damage;
    private readonly Func<Policy, Policy>? _improve;
    private readonly Policy? _narrowest;
    private readonly int _layers;
    private readonly Func<Policy, bool> _admits;

    /// <summary>A knapsack over <paramref name="space"/> that minimizes the sum of <paramref name="damage"/>.</summary>
    public PolicyKnapsack(SearchSpace space, CostTable costs, Budget budget, Func<int, LayerBits, double> damage)
        : this(space, CostDimension.Of(space, costs, budget), p => budget.Admits(costs.Price(p)), damage)
    {
        if (!costs.HasConverts) return;
        _improve = policy => WidthMoves.Improve(policy, space, costs, _admits, damage);
        _narrowest = space.Uniform(LayerBits.Uniform(new Bitwidth(Bitwidth.Min)));
    }

    /// <summary>A knapsack over <paramref name="space"/> under one cost's limit.</summary>
    public PolicyKnapsack(SearchSpace space, CostDimension cost, Func<int, LayerBits, double> damage) : this(space, [cost], _ => true, damage) { }

    private PolicyKnapsack(SearchSpace space, IReadOnlyList<CostDimension> constraints, Func<Policy, bool> admits, Func<int, LayerBits, double> damage)
    {
        (_layers, _admits, _damage) = (space.Layers, admits, damage);
        var items = space.Groups.Select(group => new KnapsackItem(group.Length == 1
            ? [[Options(group[0], space.ChoicesOf(group[0]).ToArray())]]
            : [.. space.ActivationsOf(group[0]).ToArray().Select(a => group.Select(member => Options(member, [.. space.WeightsOf(member, a).Select(w => new LayerBits(w, a))])).ToArray())]));
        _instance = new KnapsackInstance([.. items], [.. constraints.Select(c => c.Limit)]);

        OptionSet Options(int layer, LayerBits[] bits)
        {
            double[] hurts = [.. bits.Select(b => damage(layer, b))];
            double[] spends = [.. bits.SelectMany(b => constraints.Select(c => c.Cost(layer, b)))];
            return new OptionSet(layer, bits, hurts, spends, constraints.Count);
        }
    }

    /// <summary>The least damaging affordable policy; null where there is none.</summary>
    public KnapsackSolution? Solve() => _improve is null ? Additive() : WithConverts();

    // Costs between choices are not in the items: the limits are tightened until the whole is affordable, and moves take back what that wasted.
    private KnapsackSolution? WithConverts()
    {
        double bound = 0;
        for (int i = 0; i < MostTightenings; i++)
        {
            if (Within((1 + Rounding) * Math.Pow(Tightening, i)) is not { } found) break;
            if (i == 0) bound = found.Bound;
            if (!_admits(found.Policy)) continue;
            var improved = _improve!(found.Policy);
            return new KnapsackSolution(improved, Enumerable.Range(0, _layers).Sum(l => _damage(l, improved[l])), bound);
        }
        var narrowest = _narrowest!;
        return _admits(narrowest) && _improve!(narrowest) is var policy ? new KnapsackSolution(policy, Enumerable.Range(0, _layers).Sum(l => _damage(l, policy[l])), bound) : null;
    }

    private KnapsackSolution? Additive() => Within(1 + Rounding) is { } loose && _admits(loose.Policy) ? loose : Within(1 - Rounding) is { } tight && _admits(tight.Policy) ? tight : null;

    /// <summary>The optimum for every value of one cost, as far as a multiplier can reach it: from the cheapest policy to the least damaging one.</summary>
    public IEnumerable<Policy> Front(int constraint = 0) => new HullWalk(_instance, constraint).Vertices().Select(ToPolicy);

    private KnapsackSolution? Within(double factor)
    {
        var instance = _instance with { Limits = [.. _instance.Limits.Select(l => l * factor)] };
        return KnapsackSolver.Solve(instance) is { } found ? new KnapsackSolution(ToPolicy(found.Picks), KnapsackInstance.DamageOf(found.Picks), found.Bound) : null;
    }

    private Policy ToPolicy(Pick[] picks)
    {
        var bits = new LayerBits[_layers];
        for (int i = 0; i < picks.Length; i++)
        {
            var members = _instance.Items[i].Alternatives[picks[i].Alternative];
            for (int m = 0; m < members.Length; m++) bits[members[m].Layer] = members[m].Bits[picks[i].Options[m]];
        }
        return new Policy([.. bits]);
    }
}
