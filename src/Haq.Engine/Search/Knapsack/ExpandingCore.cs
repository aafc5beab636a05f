namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// Closes the gap exactly: dynamic programming over a growing core of items, the most doubtful first, with the others left at the relaxation's choice
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
        var states = new List<State> { new(KnapsackInstance.DamageOf(_base), At(costs, 0), At(costs, 1), At(costs, 2), -1) };
        Offer(states[0]);
        double[] leastLeft = [.. Enumerable.Range(0, _instance.Constraints).Select(k => _instance.Items.Select((item, i) => item.LeastCost(k) - _base[i].Costs[k]).Sum())];
        foreach (int item in Doubtful())
        {
            double gap = _bestDamage - bound;
            if (gap <= Tolerance) return;
            var picks = new List<Pick>();
            double lowest = _base[item].Penalized(_multipliers);
            if (!_instance.Items[item].Within(lowest + gap, _multipliers, MostPicks, picks)) _droppedBound = Math.Min(_droppedBound, bound);
            for (int k = 0; k < leastLeft.Length; k++) leastLeft[k] -= _instance.Items[item].LeastCost(k) - _base[item].Costs[k];
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
        double[] excess = new double[_base.Length];
        for (int i = 0; i < excess.Length; i++)
        {
            excess[i] = double.PositiveInfinity;
            double lowest = _base[i].Penalized(_multipliers);
            var alternatives = _instance.Items[i].Alternatives;
            for (int a = 0; a < alternatives.Length; a++)
            {
                double total = alternatives[a].Sum(m => m.Penalized(m.Best(_multipliers), _multipliers));
                if (a != _base[i].Alternative) excess[i] = Math.Min(excess[i], total - lowest);
                else
                    for (int m = 0; m < alternatives[a].Length; m++)
                        for (int o = 0; o < alternatives[a][m].Count; o++)
                            if (o != _base[i].Options[m])
                                excess[i] = Math.Min(excess[i], alternatives[a][m].Penalized(o, _multipliers) - alternatives[a][m].Penalized(_base[i].Options[m], _multipliers));
            }
        }
        return Enumerable.Range(0, excess.Length).Where(i => !double.IsInfinity(excess[i])).OrderBy(i => excess[i]).ThenBy(i => i);
    }

    private List<State> Extended(List<State> states, int item, List<Pick> picks, double[] leastLeft)
    {
        var result = Pruned(states, leastLeft);
        foreach (var pick in picks)
        {
            var shifted = new List<State>(states.Count);
            double damage = pick.Damage - _base[item].Damage;
            double c0 = Change(0), c1 = Change(1), c2 = Change(2);
            foreach (var s in states)
            {
                var next = new State(s.Damage + damage, s.Cost0 + c0, s.Cost1 + c1, s.Cost2 + c2, s.Trace);
                if (!Promising(next, leastLeft)) continue;
                _trace.Add((s.Trace, item, pick));
                next = next with { Trace = _trace.Count - 1 };
                Offer(next);
                shifted.Add(next);
            }
            if (shifted.Count > 0) result = Merged(result, shifted);

            double Change(int k) => k < _instance.Constraints ? pick.Costs[k] - _base[item].Costs[k] : 0;
        }
        return result.Count > _mostStates ? Cut(result) : result;
    }

    private List<State> Pruned(List<State> states, double[] leastLeft) => states.FindAll(s => Promising(s, leastLeft));

    private bool Promising(in State s, double[] leastLeft)
    {
        for (int k = 0; k < _instance.Constraints; k++)
            if (s.Cost(k) + leastLeft[k] > _instance.Limits[k]) return false;
        return Bound(s) < _bestDamage - Tolerance;
    }

    private double Bound(in State s)
    {
        double value = s.Damage;
        for (int k = 0; k < _multipliers.Length; k++) value += _multipliers[k] * (s.Cost(k) - _instance.Limits[k]);
        return value;
    }

    private void Offer(in State s)
    {
        if (s.Damage >= _bestDamage) return;
        for (int k = 0; k < _instance.Constraints; k++)
            if (s.Cost(k) > _instance.Limits[k]) return;
        (_bestDamage, _bestTrace) = (s.Damage, s.Trace);
    }

    // Both ascending by the first cost. Under one constraint a state with no less damage than a cheaper one goes; under several only if the last few kept beat it,
    // which is enough to hold the list down and never drops what could be needed.
    private List<State> Merged(List<State> a, List<State> b)
    {
        var merged = new List<State>(a.Count + b.Count);
        int i = 0, j = 0;
        while (i < a.Count || j < b.Count)
        {
            bool first = j == b.Count || (i < a.Count && (a[i].Cost0 < b[j].Cost0 || (a[i].Cost0 == b[j].Cost0 && a[i].Damage <= b[j].Damage)));
            var s = first ? a[i++] : b[j++];
            bool dominated = false;
            int window = _instance.Constraints == 1 ? 1 : 48;
            for (int w = Math.Max(0, merged.Count - window); w < merged.Count && !dominated; w++)
                dominated = merged[w].Damage <= s.Damage && merged[w].Cost1 <= s.Cost1 && merged[w].Cost2 <= s.Cost2;
            if (!dominated) merged.Add(s);
        }
        return merged;
    }

    private List<State> Cut(List<State> states)
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

    private static double At(double[] costs, int k) => k < costs.Length ? costs[k] : 0;

    private readonly record struct State(double Damage, double Cost0, double Cost1, double Cost2, int Trace)
    {
        public double Cost(int k) => k switch { 0 => Cost0, 1 => Cost1, _ => Cost2 };
    }
}
