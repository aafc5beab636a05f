using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>
/// Chooses which units of a network are computed in integers: costs are read off profiles of whole files, a least cut gives the plan that they say is fastest, its file is profiled in turn and corrects them,
/// until the cut gives no new plan. Where the fastest does too much damage, the damage of every unit is weighed in with a factor that is bisected. The best files then race to the end.
/// </summary>
public sealed class RegionSearch
{
    private const int Bisections = 12, Finalists = 3;

    private readonly RegionMap _map;
    private readonly IRegionBench _bench;
    private readonly RegionGoal _goal;
    private readonly RegionLedger _ledger;
    private readonly CancellationToken _cancellation;
    private readonly Action<string, double> _report;
    private readonly RegionPlan _float;
    private readonly RegionPlan _uniform;
    private readonly List<RegionCandidate> _measured = [];
    private readonly Dictionary<RegionPlan, RegionScore> _scores = [];
    private double[] _damage = [];
    private double _floatSeconds;

    /// <summary>A search.</summary>
    /// <param name="map">The network.</param>
    /// <param name="bench">Measures plans.</param>
    /// <param name="goal">What is wanted.</param>
    /// <param name="mayBeFloat">Units that may stay in floating point.</param>
    /// <param name="report">Told what goes on, and how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    public RegionSearch(RegionMap map, IRegionBench bench, RegionGoal goal, Func<int, bool> mayBeFloat, Action<string, double> report, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(mayBeFloat);
        (_map, _bench, _goal, _report, _cancellation) = (map, bench, goal, report, cancellation);
        _ledger = new RegionLedger(map, u => map.Units[u].CanBeInteger, mayBeFloat);
        _float = new RegionPlan([.. Enumerable.Range(0, map.Units.Length).Select(u => !mayBeFloat(u) && map.Units[u].CanBeInteger)]);
        _uniform = map.AllInteger;
    }

    /// <summary>Searches.</summary>
    public RegionResult Run()
    {
        Measure(_float);
        _floatSeconds = _measured[0].Timing.FloatSeconds;
        if (!_uniform.Equals(_float)) Measure(_uniform);
        Settle([]);
        RegionPlan? kept = _goal.LeastDamage ? LeastDamage() : LeastTime();
        return Decide(kept);
    }

    // The cut, its file, what that teaches, the cut again: until it repeats itself.
    private void Settle(double[] damage)
    {
        for (int round = 0; round < _goal.MostProfiles; round++)
        {
            var plan = RegionCut.Solve(_map, _ledger.Costs, damage);
            if (_measured.Exists(m => m.Plan.Equals(plan))) return;
            Measure(plan);
        }
    }

    private void Measure(RegionPlan plan)
    {
        _cancellation.ThrowIfCancellationRequested();
        _report($"measuring a file with {plan.Integers} of {plan.Count} operators in integers", Math.Min(0.5, _measured.Count / 12.0));
        double? predicted = _measured.Count >= 2 ? RegionCut.Price(_map, _ledger.Costs, plan) : null;
        var reading = _bench.Profile(plan);
        _ledger.Learn(plan, reading.Reading);
        _measured.Add(new RegionCandidate(plan, predicted, reading.Timing, null));
    }

    private RegionPlan? LeastTime()
    {
        foreach (var candidate in Faster())
            if (ScoreOf(candidate.Plan).IsKept) return Weighed(candidate.Plan);
        return Weighed(null);
    }

    // Whether a plan that gives up less time than the best kept one so far keeps what is asked, too.
    private RegionPlan? Weighed(RegionPlan? best)
    {
        var fastest = Faster().FirstOrDefault();
        if (fastest is null || fastest.Plan.Equals(best)) return best;
        var (low, high) = Factors();
        for (int i = 0; i < Bisections; i++)
        {
            double middle = Math.Sqrt(low * high);
            var plan = RegionCut.Solve(_map, _ledger.Costs, Times(middle));
            if (!plan.Equals(_float) && !ScoreOf(plan).IsKept)
            {
                low = middle;
                continue;
            }
            high = middle;
            if (!_measured.Exists(m => m.Plan.Equals(plan))) Measure(plan);
        }
        return Faster().FirstOrDefault(c => ScoreOf(c.Plan).IsKept)?.Plan;
    }

    private RegionPlan? LeastDamage()
    {
        double limit = _goal.MostSeconds?.Invoke(_floatSeconds) ?? _floatSeconds;
        bool IsWithin(RegionPlan plan) => _measured.Find(m => m.Plan.Equals(plan))!.Timing is var t && t.Ratio * _floatSeconds <= limit;
        var (low, high) = Factors();
        for (int i = 0; i < Bisections; i++)
        {
            double middle = Math.Sqrt(low * high);
            var plan = RegionCut.Solve(_map, _ledger.Costs, Times(middle));
            if (!_measured.Exists(m => m.Plan.Equals(plan))) Measure(plan);
            if (IsWithin(plan)) low = middle;
            else high = middle;
        }
        return _measured.Where(m => IsWithin(m.Plan)).MinBy(m => ScoreOf(m.Plan).Damage)?.Plan ?? Faster().FirstOrDefault()?.Plan;
    }

    // Seconds that a unit of damage is worth: between nothing to speak of and more than the network takes.
    private (double Low, double High) Factors()
    {
        if (_damage.Length == 0) _damage = Probe();
        double all = _damage.Sum(), whole = all > 0 ? _floatSeconds / all : 1;
        return (whole / 4096, whole * 4096);
    }

    private double[] Probe()
    {
        double[] damage = new double[_map.Units.Length];
        for (int u = 0; u < damage.Length; u++)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!_map.Units[u].CanBeInteger || _float[u] || _map.Units[u].KeepsValues) continue;
            _report($"measuring what '{_map.Units[u].Name}' alone does in integers ({u + 1} of {damage.Length})", 0.5 + 0.3 * u / damage.Length);
            damage[u] = _bench.Score(_float.With(u, true), probe: true).Damage;
        }
        return damage;
    }

    private double[] Times(double factor) => [.. _damage.Select(d => d * factor)];

    private IEnumerable<RegionCandidate> Faster() => _measured.Where(m => !m.Plan.Equals(_float)).OrderBy(m => m.Timing.Ratio);

    private RegionScore ScoreOf(RegionPlan plan)
    {
        if (_scores.TryGetValue(plan, out var known)) return known;
        _cancellation.ThrowIfCancellationRequested();
        _report($"comparing outputs of a file with {plan.Integers} of {plan.Count} operators in integers", 0.6);
        return _scores[plan] = _bench.Score(plan, probe: false);
    }

    private RegionResult Decide(RegionPlan? kept)
    {
        _report("racing the best files against float", 0.9);
        var finalists = _goal.LeastDamage && kept is not null ? [kept] : Faster().Where(c => c.Plan.Equals(kept) || (_scores.TryGetValue(c.Plan, out var score) && score.IsKept)).Select(c => c.Plan).Take(Finalists).ToList();
        List<RegionPlan> plans = [_float, _uniform, .. finalists.Where(p => !p.Equals(_uniform) && !p.Equals(_float))];
        var times = _bench.Race(plans, final: true);
        var uniform = times[1];
        var best = finalists.Select(p => (Plan: p, Timing: times[plans.IndexOf(p)])).OrderBy(f => f.Timing.Ratio).FirstOrDefault();
        var verdict = best.Plan is null ? Faster().Any(c => c.Timing.Ratio < 1 - _goal.Margin) ? RegionVerdict.NothingKept : RegionVerdict.NothingFaster
            : best.Timing.High <= 1 ? RegionVerdict.Faster
            : best.Timing.Ratio >= 1 - _goal.Margin ? RegionVerdict.NothingFaster : RegionVerdict.TooNoisy;
        var (plan, timing) = verdict == RegionVerdict.Faster ? best : (_float, times[0]);
        var costs = _ledger.Costs;
        return new RegionResult(plan, timing, uniform, RegionCut.Price(_map, costs, plan), verdict, costs,
            [.. _measured.Select(m => m with { Score = _scores.TryGetValue(m.Plan, out var score) ? score : null })]);
    }
}
