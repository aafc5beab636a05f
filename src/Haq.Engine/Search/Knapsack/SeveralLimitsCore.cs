namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// Closes the gap under several limits: dynamic programming over all items, the most doubtful first, with states that are no worse in damage and in every cost dropped for good, and
/// those dropped that no completion can make better than the best known solution, by the Lagrangian bound at several multipliers around the best ones. The work is bounded; where it
/// does not suffice, the least promising states go and the gap that this leaves is reported.
/// </summary>
internal sealed class SeveralLimitsCore
{
    private const int MostPicks = 4_096;

    // States made in all: about half a second.
    private const int MostWork = 1_500_000;
    private const int FewestStates = 400;

    // A gap that is not worth cutting states for; large networks are this close before the core begins.
    private const double Negligible = 1e-4;

    // The bound is best at the relaxation's multipliers on the whole; a state that has spent more of one limit than of another is bounded better at others.
    private static readonly double[] s_tilts = [0.6, 0.85, 1.15, 1.6];

    private readonly KnapsackInstance _instance;
    private readonly Pick[] _base;
    private readonly double[][] _multipliers;
    private readonly List<(int Parent, int Item, Pick Pick)> _trace = [];
    private readonly double[] _offsets;
    private readonly StateFront _front;
    private double _bestDamage;
    private int? _bestTrace;
    private double _droppedBound = double.PositiveInfinity;

    private SeveralLimitsCore(KnapsackInstance instance, double[] multipliers, double bestDamage)
    {
        (_instance, _bestDamage, _base, _front) = (instance, bestDamage, instance.Relaxed(multipliers), new StateFront(instance.Constraints));
        _multipliers = [multipliers, .. Tilted(multipliers)];
        _offsets = [.. _multipliers.Select(m => m.Select((v, k) => -v * instance.Limits[k]).Sum())];
    }

    /// <summary>
    /// The best solution, and a lower bound on every solution's damage; equal where it is proven optimal. <paramref name="best"/> may be null where no affordable
    /// solution is known; if the result's is null too and its bound infinite, there is none.
    /// </summary>
    public static (Pick[]? Picks, double Bound) Close(KnapsackInstance instance, Relaxation relaxation, Pick[]? best)
    {
        var core = new SeveralLimitsCore(instance, relaxation.Multipliers, best is null ? double.PositiveInfinity : KnapsackInstance.DamageOf(best));
        core.Run(relaxation.Bound);
        return (core._bestTrace is { } trace ? core.Unwind(trace) : best, Math.Min(core._bestDamage, core._droppedBound));
    }

    private double Tolerance => double.IsInfinity(_bestDamage) ? 0 : 1e-12 * Math.Abs(_bestDamage);

    private void Run(double bound)
    {
        var items = Doubtful(bound);
        double[] costs = _instance.CostOf(_base);
        var states = new List<CoreState> { new(KnapsackInstance.DamageOf(_base), costs[0], At(costs, 1), At(costs, 2), -1) };
        Offer(states[0]);
        // How much less the items that are still to come can be, beside the base: of each cost, and of the penalized damage at each of the multipliers.
        double[] leastLeft = new double[_instance.Constraints];
        foreach (var (item, _) in items) Settle(item, leastLeft, sign: 1);
        long work = 0;
        for (int i = 0; i < items.Count; i++)
        {
            var (item, _) = items[i];
            if (_bestDamage - bound <= Tolerance) return;
            Settle(item, leastLeft, sign: -1);
            states = Extended(states, item, leastLeft, bound, ref work);
            int room = (int)Math.Max(FewestStates, (MostWork - work) / Math.Max(1, (items.Count - i - 1) * AveragePicks(items, i + 1)));
            if (states.Count > room)
            {
                if (_bestDamage - bound <= Negligible * Math.Abs(_bestDamage))
                {
                    _droppedBound = bound;
                    return;
                }
                states = Cut(states, room);
            }
            if (states.Count == 0) return;
        }
    }

    private int AveragePicks(List<(int Item, double Excess)> items, int from)
    {
        const int Sample = 8;
        int count = 0, seen = 0;
        for (int i = from; i < items.Count && seen < Sample; i++, seen++) count += _instance.Items[items[i].Item].Alternatives.Sum(a => a.Sum(m => m.Count));
        return seen == 0 ? 1 : Math.Max(1, count / seen / 2);
    }

    // Adds or takes away what one item that is still open can be below its base.
    private void Settle(int item, double[] leastLeft, int sign)
    {
        var (it, own) = (_instance.Items[item], _base[item]);
        for (int k = 0; k < leastLeft.Length; k++) leastLeft[k] += sign * (it.LeastCost(k) - own.Costs[k]);
        for (int j = 1; j < _multipliers.Length; j++) _offsets[j] += sign * (it.Best(_multipliers[j]).Penalized(_multipliers[j]) - own.Penalized(_multipliers[j]));
    }

    private List<CoreState> Extended(List<CoreState> states, int item, double[] leastLeft, double bound, ref long work)
    {
        var picks = new List<Pick>();
        double lowest = _base[item].Penalized(_multipliers[0]);
        if (!_instance.Items[item].Within(lowest + _bestDamage - bound, _multipliers[0], MostPicks, picks)) _droppedBound = Math.Min(_droppedBound, bound);
        var made = new List<CoreState>(states.Count * 2);
        foreach (var s in states) if (Promising(s, leastLeft)) made.Add(s);
        foreach (var pick in picks)
        {
            if (pick.Alternative == _base[item].Alternative && pick.Options.AsSpan().SequenceEqual(_base[item].Options)) continue;
            double damage = pick.Damage - _base[item].Damage;
            double c0 = Change(0), c1 = Change(1), c2 = Change(2);
            foreach (var s in states)
            {
                var next = new CoreState(s.Damage + damage, s.Cost0 + c0, s.Cost1 + c1, s.Cost2 + c2, s.Trace);
                if (!Promising(next, leastLeft)) continue;
                _trace.Add((s.Trace, item, pick));
                next = next with { Trace = _trace.Count - 1 };
                Offer(next);
                made.Add(next);
            }

            double Change(int k) => k < _instance.Constraints ? pick.Costs[k] - _base[item].Costs[k] : 0;
        }
        work += made.Count;
        return _front.Of(made);
    }

    private bool Promising(in CoreState s, double[] leastLeft)
    {
        for (int k = 0; k < leastLeft.Length; k++)
            if (s.Cost(k) + leastLeft[k] > _instance.Limits[k]) return false;
        return Bound(s) < _bestDamage - Tolerance;
    }

    private double Bound(in CoreState s)
    {
        double most = double.NegativeInfinity;
        for (int j = 0; j < _multipliers.Length; j++)
        {
            double value = s.Damage + _offsets[j];
            for (int k = 0; k < _instance.Constraints; k++) value += _multipliers[j][k] * s.Cost(k);
            most = Math.Max(most, value);
        }
        return most;
    }

    private void Offer(in CoreState s)
    {
        if (s.Damage >= _bestDamage) return;
        for (int k = 0; k < _instance.Constraints; k++)
            if (s.Cost(k) > _instance.Limits[k]) return;
        (_bestDamage, _bestTrace) = (s.Damage, s.Trace);
    }

    private List<CoreState> Cut(List<CoreState> states, int room)
    {
        double[] bounds = [.. states.Select(s => Bound(s))];
        double limit = bounds.Order().ElementAt(room);
        _droppedBound = Math.Min(_droppedBound, limit);
        return [.. states.Where((_, i) => bounds[i] < limit)];
    }

    // Items by how little it costs to move them off the relaxation's choice; those that cannot move within the gap stay.
    private List<(int Item, double Excess)> Doubtful(double bound)
    {
        var items = new List<(int Item, double Excess)>();
        for (int i = 0; i < _base.Length; i++)
            if (_instance.Items[i].Excess(_base[i], _multipliers[0]) is var excess && excess <= _bestDamage - bound) items.Add((i, excess));
        items.Sort((x, y) => x.Excess != y.Excess ? x.Excess.CompareTo(y.Excess) : x.Item.CompareTo(y.Item));
        return items;
    }

    private IEnumerable<double[]> Tilted(double[] multipliers)
    {
        for (int k = 0; k < multipliers.Length; k++)
        {
            foreach (double tilt in s_tilts)
                if (multipliers[k] > 0) yield return [.. multipliers.Select((m, j) => j == k ? m * tilt : m)];
        }
    }

    private Pick[] Unwind(int trace)
    {
        var picks = (Pick[])_base.Clone();
        for (int t = trace; t >= 0; t = _trace[t].Parent) picks[_trace[t].Item] = _trace[t].Pick;
        return picks;
    }

    private static double At(double[] costs, int k) => k < costs.Length ? costs[k] : 0;
}
