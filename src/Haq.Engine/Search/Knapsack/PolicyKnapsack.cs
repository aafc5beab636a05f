using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>The bits of a network as a knapsack: an item per activation group, priced by the cost table, under every bound of the budget.</summary>
internal sealed class PolicyKnapsack
{
    // Costs are added here in another order than in CostTable.Price, so that sums may differ in their last digits: the limits are first widened by this
    // much, and tightened by it where the answer then turns out to be over the budget.
    private const double Rounding = 1e-12;

    private readonly KnapsackInstance _instance;
    private readonly Func<int, LayerBits, double> _damage;
    private readonly Func<Policy, Policy>? _improve;
    private readonly Policy? _narrowest;
    private readonly GroupForest? _forest;
    private readonly OptionSet[][][] _byWidth = [];
    private readonly int _layers;
    private readonly Func<Policy, bool> _admits;
    private readonly Func<Policy, double>? _filled;
    private readonly Func<Policy, Policy>? _spend;

    /// <summary>A knapsack over <paramref name="space"/> that minimizes the sum of <paramref name="damage"/>.</summary>
    public PolicyKnapsack(SearchSpace space, CostTable costs, Budget budget, Func<int, LayerBits, double> damage)
        : this(space, CostDimension.Of(space, costs, budget), p => budget.Admits(costs.PriceWhole(p)), damage)
    {
        var limits = CostDimension.Of(space, costs, budget);
        if (costs.IsBound && limits.Count > 0)
        {
            _filled = policy => limits.Max(l => l.Whole(costs.PriceWhole(policy)) / l.Limit);
            _spend = policy => SpareBudget.Spend(policy, space, _admits, damage);
        }
        if (costs.Edges is not { } edges || limits.Count == 0) return;
        _forest = GroupForest.Of(space, edges, limits);
        _byWidth = [.. space.Groups.Select(group =>
            space.ActivationsOf(group[0]).ToArray().Select(a =>
            group.Select(member => OptionsOf(limits, member, [.. space.WeightsOf(member, a).Select(w => new LayerBits(w, a))], damage)).ToArray()).ToArray())];
        _improve = policy => WidthMoves.Improve(policy, space, costs, _admits, damage);
        _narrowest = space.Uniform(LayerBits.Uniform(new Bitwidth(Bitwidth.Min)));
    }

    /// <summary>A knapsack over <paramref name="space"/> under one cost's limit.</summary>
    public PolicyKnapsack(SearchSpace space, CostDimension cost, Func<int, LayerBits, double> damage) : this(space, [cost], _ => true, damage) { }

    private PolicyKnapsack(SearchSpace space, IReadOnlyList<CostDimension> constraints, Func<Policy, bool> admits, Func<int, LayerBits, double> damage)
    {
        (_layers, _admits, _damage) = (space.Layers, admits, damage);
        var items = space.Groups.Select(group => new KnapsackItem(group.Length == 1
            ? [[OptionsOf(constraints, group[0], space.ChoicesOf(group[0]).ToArray(), damage)]]
            : [.. space.ActivationsOf(group[0]).ToArray().Select(a =>
                group.Select(member => OptionsOf(constraints, member, [.. space.WeightsOf(member, a).Select(w => new LayerBits(w, a))], damage)).ToArray())]));
        _instance = new KnapsackInstance([.. items], [.. constraints.Select(c => c.Limit)]);
    }

    private static OptionSet OptionsOf(IReadOnlyList<CostDimension> constraints, int layer, LayerBits[] bits, Func<int, LayerBits, double> damage)
    {
        double[] hurts = [.. bits.Select(b => damage(layer, b))];
        double[] spends = [.. bits.SelectMany(b => constraints.Select(c => c.Cost(layer, b)))];
        return new OptionSet(layer, bits, hurts, spends, constraints.Count);
    }

    /// <summary>The least damaging affordable policy; null where there is none.</summary>
    public KnapsackSolution? Solve() => _forest is not null ? WithEdges(_forest) : _filled is null ? Additive() : Filled(_filled);

    private KnapsackSolution? Filled(Func<Policy, double> filled)
    {
        if (LooseLimits.Solve(Within, _admits, filled) is not { } found) return null;
        var policy = _spend!(found.Policy);
        double damage = DamageOf(policy);
        return new KnapsackSolution(policy, damage, Math.Min(damage, found.Bound));
    }

    private double DamageOf(Policy policy) => Enumerable.Range(0, _layers).Sum(l => _damage(l, policy[l]));

    // What is not proven to be the least is tried to be made less by moves of single groups.
    private KnapsackSolution? WithEdges(GroupForest forest)
    {
        double bound = 0;
        foreach (double factor in (double[])[1 + Rounding, 1 - Rounding])
        {
            var (bits, damage, least) = CycleCut.Solve(forest, _byWidth, [.. _instance.Limits.Select(l => l * factor)]);
            if (factor > 1) bound = least;
            if (bits is null) break;
            var policy = new Policy([.. bits]);
            if (_admits(policy)) return least >= damage ? new KnapsackSolution(policy, damage, bound) : Improved(policy, bound);
        }
        return _admits(_narrowest!) ? Improved(_narrowest!, bound) : null;
    }

    private KnapsackSolution Improved(Policy policy, double bound)
    {
        var improved = _improve!(policy);
        double damage = DamageOf(improved);
        return new KnapsackSolution(improved, damage, Math.Min(damage, bound));
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
