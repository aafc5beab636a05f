using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// Orders tensors by what narrowing each hurts for what it saves. A change of width between neighbours has a price of its own, so that what a tensor saves depends on who is narrow already:
/// half of it counts as things are when its turn comes, half as they are at the end, when all others are narrow. As much as all that can be saved counts how few of all numbers are wide.
/// </summary>
internal sealed class NarrowingSavings
{
    // Harm below this share of the mean is as much as few samples tell: of such tensors those that save most are first.
    private const double Unnoticed = 0.01;

    private readonly SearchProblem _problem;
    private readonly ImmutableArray<int>[] _open;
    private readonly double[] _last, _now, _share;
    private readonly double _worth;
    private readonly Dictionary<int, int> _groupOf = [];
    private readonly HashSet<int>[] _neighbours;
    private Policy _policy;

    private NarrowingSavings(SearchProblem problem, ImmutableArray<int>[] open)
    {
        (_problem, _open, _policy) = (problem, open, problem.Space.Widest);
        double dearest = Cost(_policy);
        var narrowest = new Policy([.. Enumerable.Range(0, problem.Space.Layers).Select(i => Narrowed(problem.Space, i))]);
        double cheapest = Cost(narrowest), wide = WideTensors.Share(problem.Layers, _policy);
        _worth = Math.Max(dearest - cheapest, dearest * SearchGoal.WideWorth);
        _share = [.. open.Select(g => wide - WideTensors.Share(problem.Layers, With(_policy, g)))];
        _last = [.. open.Select(g => Cost(g.Aggregate(narrowest, (p, i) => p.With(i, _policy[i]))) - cheapest)];
        _now = [.. open.Select(Saved)];
        for (int g = 0; g < open.Length; g++)
            foreach (int member in open[g]) _groupOf[member] = g;
        _neighbours = [.. open.Select(_ => new HashSet<int>())];
        for (int edge = 0; edge < (problem.Costs.Edges?.Count ?? 0); edge++)
        {
            var (from, to) = problem.Costs.Edges!.Ends(edge);
            if (!_groupOf.TryGetValue(from, out int a) || !_groupOf.TryGetValue(to, out int b) || a == b) continue;
            _neighbours[a].Add(b);
            _neighbours[b].Add(a);
        }
    }

    /// <summary>The groups with a choice, those to be narrowed first at the beginning.</summary>
    /// <param name="problem">What is to be solved.</param>
    /// <param name="harm">What narrowing a group is scored to hurt, at least 0.</param>
    public static ImmutableArray<ImmutableArray<int>> Order(SearchProblem problem, Func<ImmutableArray<int>, double> harm) =>
        new NarrowingSavings(problem, [.. problem.Space.Groups.Where(g => problem.Space.ActivationsOf(g[0]).Length > 1)]).Order(harm);

    /// <summary>An item's bits at its narrowest activations, with the widest weights that go with them.</summary>
    public static LayerBits Narrowed(SearchSpace space, int item)
    {
        var width = space.ActivationsOf(item)[0];
        return new LayerBits(space.WeightsOf(item, width)[^1], width);
    }

    private ImmutableArray<ImmutableArray<int>> Order(Func<ImmutableArray<int>, double> harm)
    {
        double[] hurts = [.. _open.Select(harm)];
        double unnoticed = Unnoticed * hurts.Average();
        var left = new SortedSet<(double Ratio, int Group)>();
        double[] ratios = [.. Enumerable.Range(0, _open.Length).Select(Ratio)];
        for (int g = 0; g < ratios.Length; g++) left.Add((ratios[g], g));
        var order = ImmutableArray.CreateBuilder<ImmutableArray<int>>(_open.Length);
        while (left.Count > 0)
        {
            var next = left.Min;
            left.Remove(next);
            order.Add(_open[next.Group]);
            _policy = With(_policy, _open[next.Group]);
            foreach (int neighbour in _neighbours[next.Group])
            {
                if (!left.Remove((ratios[neighbour], neighbour))) continue;
                _now[neighbour] = Saved(_open[neighbour]);
                left.Add((ratios[neighbour] = Ratio(neighbour), neighbour));
            }
        }
        return order.MoveToImmutable();

        double Ratio(int group) => Math.Max(hurts[group], unnoticed) / Math.Max((_now[group] + _last[group]) / 2 + _share[group] * _worth, _worth * 1e-9);
    }

    private double Saved(ImmutableArray<int> group) => Cost(_policy) - Cost(With(_policy, group));

    private Policy With(Policy policy, ImmutableArray<int> group) => group.Aggregate(policy, (p, i) => p.With(i, Narrowed(_problem.Space, i)));

    private double Cost(Policy policy) => SearchGoal.CostOf(_problem.Objective, _problem.Costs.PriceWhole(policy));
}
