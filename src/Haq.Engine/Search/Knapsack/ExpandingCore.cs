namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// Closes the gap exactly under one limit: dynamic programming over a growing core of items, the most doubtful first, with the others left at the relaxation's choice
/// (Pisinger, "A minimal algorithm for the multiple-choice knapsack problem", 1995). States that cannot beat the best known solution are dropped by their
/// Lagrangian bound; where too many remain, the least promising go and the gap that this leaves is reported.
/// </summary>
internal sealed class ExpandingCore
{
    // A quick pass with few states finds the solution that lets the bound prune the thorough one.
    private static readonly int[] s_mostStates = [400, 5_000];

    private const int MostPicks = 4_096;

    private readonly KnapsackInstance _instance;
    private readonly double[] _multipliers;
    private readonly int _mostStates;
    private readonly Pick[] _base;
    private readonly List<(int Parent, int Item, Pick Pick)> _trace = [];
    private double _bestDamage;
    private int? _bestTrace;
    private double _droppedBound = double.PositiveInfinity;

    private ExpandingCore(KnapsackInstance instance, double[] multipliers, double bestDamage, int mostStates)
    {
        (_instance, _multipliers, _bestDamage, _mostStates) = (instance, multipliers, bestDamage, mostStates);
        _base = instance.Relaxed(multipliers);
    }

    /// <summary>
    /// The best solution, and a lower bound on every solution's damage; equal where it is proven optimal. <paramref name="best"/> may be null where no affordable
    /// solution is known; if the result's is null too and its bound infinite, there is none.
    /// </summary>
    public static (Pick[]? Picks, double Bound) Close(KnapsackInstance instance, Relaxation relaxation, Pick[]? best)
    {
        double bound = relaxation.Bound;
        foreach (int mostStates in s_mostStates)
        {
            double known = best is null ? double.PositiveInfinity : KnapsackInstance.DamageOf(best);
            var core = new ExpandingCore(instance, relaxation.Multipliers, known, mostStates);
            core.Run(relaxation.Bound);
            if (core._bestTrace is { } trace) best = core.Unwind(trace);
            bound = Math.Min(core._bestDamage, core._droppedBound);
            if (core._droppedBound >= core._bestDamage) break;
        }
        return (best, bound);
    }

    private void Run(double bound)
    {
        double[] costs = _instance.CostOf(_base);
        var states = new List<CoreState> { new(KnapsackInstance.DamageOf(_base), costs[0], 0, 0, -1) };
        Offer(states[0]);
        double leastLeft = _instance.Items.Select((it, i) => it.LeastCost(0) - _base[i].Costs[0]).Sum();
        foreach (int item in Doubtful())
        {
            double gap = _bestDamage - bound;
            if (gap <= Tolerance) return;
            var picks = new List<Pick>();
            double lowest = _base[item].Penalized(_multipliers);
            if (!_instance.Items[item].Within(lowest + gap, _multipliers, MostPicks, picks)) _droppedBound = Math.Min(_droppedBound, bound);
            leastLeft -= _instance.Items[item].LeastCost(0) - _base[item].Costs[0];
            picks.RemoveAll(p => p.Alternative == _base[item].Alternative && p.Options.AsSpan().SequenceEqual(_base[item].Options));
            if (picks.Count == 0) continue;
            states = Extended(states, item, picks, leastLeft);
            if (states.Count == 0) return;
        }
    }

    private double Tolerance => double.IsInfinity(_bestDamage) ? 0 : 1e-12 * Math.Abs(_bestDamage);

    // Items by how little it costs to move them off the relaxation's choice.
    private IEnumerable<int> Doubtful()
    {
        double[] excess = [.. _base.Select((pick, i) => _instance.Items[i].Excess(pick, _multipliers))];
        return Enumerable.Range(0, excess.Length).Where(i => !double.IsInfinity(excess[i])).OrderBy(i => excess[i]).ThenBy(i => i);
    }

    private List<CoreState> Extended(List<CoreState> states, int item, List<Pick> picks, double leastLeft)
    {
        var result = Pruned(states, leastLeft);
        foreach (var pick in picks)
        {
            var shifted = new List<CoreState>(states.Count);
            double damage = pick.Damage - _base[item].Damage;
            double cost = pick.Costs[0] - _base[item].Costs[0];
            foreach (var s in states)
            {
                var next = new CoreState(s.Damage + damage, s.Cost0 + cost, 0, 0, s.Trace);
                if (!Promising(next, leastLeft)) continue;
                _trace.Add((s.Trace, item, pick));
                next = next with { Trace = _trace.Count - 1 };
                Offer(next);
                shifted.Add(next);
            }
            if (shifted.Count > 0) result = Merged(result, shifted);
        }
        return result.Count > _mostStates ? Cut(result) : result;
    }

    private List<CoreState> Pruned(List<CoreState> states, double leastLeft) => states.FindAll(s => Promising(s, leastLeft));

    private bool Promising(in CoreState s, double leastLeft)
    {
        if (s.Cost0 + leastLeft > _instance.Limits[0]) return false;
        return Bound(s) < _bestDamage - Tolerance;
    }

    private double Bound(in CoreState s) => s.Damage + _multipliers[0] * (s.Cost0 - _instance.Limits[0]);

    private void Offer(in CoreState s)
    {
        if (s.Damage >= _bestDamage || s.Cost0 > _instance.Limits[0]) return;
        (_bestDamage, _bestTrace) = (s.Damage, s.Trace);
    }

    // Both ascending by cost: a state with no less damage than a cheaper one goes.
    private static List<CoreState> Merged(List<CoreState> a, List<CoreState> b)
    {
        var merged = new List<CoreState>(a.Count + b.Count);
        int i = 0, j = 0;
        while (i < a.Count || j < b.Count)
        {
            bool first = j == b.Count || (i < a.Count && (a[i].Cost0 < b[j].Cost0 || (a[i].Cost0 == b[j].Cost0 && a[i].Damage <= b[j].Damage)));
            var s = first ? a[i++] : b[j++];
            if (merged.Count == 0 || merged[^1].Damage > s.Damage) merged.Add(s);
        }
        return merged;
    }

    private List<CoreState> Cut(List<CoreState> states)
    {
        double[] bounds = [.. states.Select(s => Bound(s))];
        double[] sorted = [.. bounds.Order()];
        double limit = sorted[_mostStates / 2];
        _droppedBound = Math.Min(_droppedBound, limit);
        return [.. states.Where((_, i) => bounds[i] < limit)];
    }

    private Pick[] Unwind(int trace)
    {
        var picks = (Pick[])_base.Clone();
        for (int t = trace; t >= 0; t = _trace[t].Parent) picks[_trace[t].Item] = _trace[t].Pick;
        return picks;
    }
}
