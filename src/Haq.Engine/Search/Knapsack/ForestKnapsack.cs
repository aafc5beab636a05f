using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// A knapsack whose items have costs between them, where those form a forest: dynamic programming from the leaves up, over the choices of each group that no other one beats in damage and in
/// every cost. States go that no completion can make better than the best known answer, by the Lagrangian bound, or affordable, so that few are left; the answer is the optimum unless there
/// are too many all the same, and then the gap is known.
/// </summary>
internal sealed class ForestKnapsack
{
    // Sums of states made in all: about half a second. Beyond, the least promising states go.
    private const long MostWork = 4_000_000;
    private const int FewestStates = 400;

    private readonly GroupForest _forest;
    private readonly OptionSet[][][] _options;
    private readonly double[] _limits;
    private readonly ForestRelaxation _penalized;
    private readonly ForestRelaxation[] _cheapest;
    private readonly StateFront _front;
    private readonly List<(int Left, int Right, int Layer, LayerBits Bits)> _trace = [];
    private readonly double _offset;
    private long _work;
    private int _joins;
    private double _best, _droppedBound = double.PositiveInfinity;

    private ForestKnapsack(GroupForest forest, OptionSet[][][] options, double[] limits, double[] multipliers, double best)
    {
        (_forest, _options, _limits, _best, _front) = (forest, options, limits, best, new StateFront(limits.Length));
        _penalized = new ForestRelaxation(forest, options, 1, multipliers);
        _cheapest = [.. limits.Select((_, k) => new ForestRelaxation(forest, options, 0, [.. limits.Select((_, j) => j == k ? 1.0 : 0)]))];
        for (int k = 0; k < limits.Length; k++) _offset -= multipliers[k] * limits[k];
        _joins = options.Sum(widths => widths.Length * widths[0].Length) + Enumerable.Range(0, options.Length).Sum(g => forest.Parent[g] < 0 ? 1 : options[forest.Parent[g]].Length);
    }

    /// <summary>The bits of every layer with the least damage within the limits, and a bound that is equal to it where it is proven; null where nothing is affordable, or nothing was found.</summary>
    public static (LayerBits[]? Bits, double Damage, double Bound) Solve(GroupForest forest, OptionSet[][][] options, double[] limits)
    {
        for (int k = 0; k < limits.Length; k++)
            if (new ForestRelaxation(forest, options, 0, [.. limits.Select((_, j) => j == k ? 1.0 : 0)]).Value > limits[k]) return (null, double.PositiveInfinity, double.PositiveInfinity);
        var dual = new ForestDual(forest, options, limits);
        dual.Maximize();
        LayerBits[]? known = dual.Feasible is { } met ? BitsOf(options, met) : null;
        if (dual.FeasibleDamage - dual.Bound <= 1e-12 * Math.Abs(dual.FeasibleDamage)) return (known, dual.FeasibleDamage, dual.FeasibleDamage);
        var solver = new ForestKnapsack(forest, options, limits, dual.Multipliers, dual.FeasibleDamage);
        var found = solver.Run();
        double damage = found is null ? dual.FeasibleDamage : solver._best;
        return (found ?? known, damage, Math.Max(dual.Bound, Math.Min(damage, solver._droppedBound)));
    }

    private double Tolerance => double.IsInfinity(_best) ? 0 : 1e-12 * Math.Abs(_best);

    private LayerBits[]? Run()
    {
        var fronts = new List<CoreState>?[_options.Length][];
        var whole = new List<CoreState> { new(0, 0, 0, 0, -1) };
        // The roots that are still to come.
        double left = _penalized.Value;
        double[] leastLeft = [.. _cheapest.Select(c => c.Value)];
        var children = _forest.Order.Where(g => _forest.Parent[g] >= 0).ToLookup(g => _forest.Parent[g]);
        foreach (int group in _forest.Order)
        {
            fronts[group] = new List<CoreState>?[_options[group].Length];
            for (int width = 0; width < fronts[group].Length; width++) fronts[group][width] = FrontOf(group, width, children[group], fronts);
            foreach (int child in children[group]) fronts[child] = [];
            if (_forest.Parent[group] >= 0) continue;
            left -= _penalized.Inner[group].Min();
            for (int k = 0; k < leastLeft.Length; k++) leastLeft[k] -= _cheapest[k].Inner[group].Min();
            whole = Joined(whole, _front.Of([.. fronts[group].SelectMany(f => f!)]), left, leastLeft);
            fronts[group] = [];
        }
        if (whole.Count == 0) return null;
        var best = whole.MinBy(s => s.Damage);
        _best = best.Damage;
        return Unwind(best.Trace);
    }

    // All choices of a group and what is below it, at one activation width.
    private List<CoreState> FrontOf(int group, int width, IEnumerable<int> children, List<CoreState>?[][] fronts)
    {
        double left = _penalized.Outer[group][width] + _penalized.Inner[group][width];
        double[] leastLeft = [.. _cheapest.Select(c => c.Outer[group][width] + c.Inner[group][width])];
        var states = new List<CoreState> { new(0, 0, 0, 0, -1) };
        foreach (var member in _options[group][width])
        {
            left -= _penalized.Least(member);
            for (int k = 0; k < leastLeft.Length; k++) leastLeft[k] -= _cheapest[k].Least(member);
            var own = new List<CoreState>(member.Count);
            for (int i = 0; i < member.Count; i++)
            {
                _trace.Add((-1, -1, member.Layer, member.Bits[i]));
                own.Add(new CoreState(member.Damage[i], member.Cost(i, 0), At(member, i, 1), At(member, i, 2), _trace.Count - 1));
            }
            states = Joined(states, own, left, leastLeft);
        }
        foreach (int child in children)
        {
            left -= _penalized.Message[child][width];
            for (int k = 0; k < leastLeft.Length; k++) leastLeft[k] -= _cheapest[k].Message[child][width];
            var below = new List<CoreState>();
            for (int own = 0; own < fronts[child].Length; own++)
            {
                var edge = _forest.Edge(child, own, width, _options[group].Length);
                foreach (var s in fronts[child][own]!)
                    below.Add(s with { Cost0 = s.Cost0 + edge[0], Cost1 = s.Cost1 + At(edge, 1), Cost2 = s.Cost2 + At(edge, 2) });
            }
            states = Joined(states, _front.Of(below), left, leastLeft);
        }
        return states;
    }

    // Every sum of one of each that can still become better than what is known.
    private List<CoreState> Joined(List<CoreState> one, List<CoreState> other, double left, double[] leastLeft)
    {
        if (one.Count == 0 || other.Count == 0) return [];
        one = Cut(one, Math.Max(FewestStates, (MostWork - _work) / Math.Max(1, _joins--) / other.Count), left + other.Min(s => _penalized.Of(s)));
        _work += (long)one.Count * other.Count;
        var sums = new List<CoreState>(one.Count + other.Count);
        foreach (var a in one)
        {
            foreach (var b in other)
            {
                var sum = new CoreState(a.Damage + b.Damage, a.Cost0 + b.Cost0, a.Cost1 + b.Cost1, a.Cost2 + b.Cost2, -1);
                if (!Promising(sum, left, leastLeft)) continue;
                _trace.Add((a.Trace, b.Trace, -1, default));
                sums.Add(sum with { Trace = _trace.Count - 1 });
            }
        }
        return _front.Of(sums);
    }

    private bool Promising(in CoreState state, double left, double[] leastLeft)
    {
        for (int k = 0; k < leastLeft.Length; k++)
            if (state.Cost(k) + leastLeft[k] > _limits[k] * (1 + 1e-13)) return false;
        return _penalized.Of(state) + left + _offset < _best - Tolerance;
    }

    private List<CoreState> Cut(List<CoreState> states, long most, double left)
    {
        if (states.Count <= most) return states;
        double[] bounds = [.. states.Select(s => _penalized.Of(s) + left + _offset)];
        double limit = bounds.Order().ElementAt((int)most);
        _droppedBound = Math.Min(_droppedBound, limit);
        return [.. states.Where((_, i) => bounds[i] < limit)];
    }

    private LayerBits[] Unwind(int trace)
    {
        var bits = new LayerBits[_options.Sum(g => g[0].Length)];
        var open = new Stack<int>([trace]);
        while (open.TryPop(out int at))
        {
            if (at < 0) continue;
            var (left, right, layer, own) = _trace[at];
            if (layer >= 0) bits[layer] = own;
            open.Push(left);
            open.Push(right);
        }
        return bits;
    }

    private static LayerBits[] BitsOf(OptionSet[][][] options, (int Width, int[] Options)[] choice)
    {
        var bits = new LayerBits[options.Sum(g => g[0].Length)];
        for (int g = 0; g < choice.Length; g++)
        {
            var members = options[g][choice[g].Width];
            for (int m = 0; m < members.Length; m++) bits[members[m].Layer] = members[m].Bits[choice[g].Options[m]];
        }
        return bits;
    }

    private static double At(OptionSet member, int option, int constraint) => member.Constraints > constraint ? member.Cost(option, constraint) : 0;

    private static double At(ReadOnlySpan<double> costs, int constraint) => costs.Length > constraint ? costs[constraint] : 0;
}
