using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>
/// Chooses which units of a network are computed in integers: costs are read off profiles of whole files, a least cut gives the plan that they say
/// is fastest, its file is profiled in turn and corrects them,
/// until the cut gives no new plan. Where the fastest does too much damage, the damage of every unit is weighed in with a factor that is bisected. The best files then race to the end.
/// </summary>
public sealed class RegionSearch
{
    private const int Scorings = 6, Bisections = 12, Steps = 40, Finalists = 3;

    // What takes less than this of the float network's time gains nothing that could be seen.
    private const double LeastShare = 0.01;

    private static readonly UnitForm[] s_products = [UnitForm.Dynamic, UnitForm.Blocks8, UnitForm.Blocks4];

    private readonly RegionMap _map;
    private readonly IRegionBench _bench;
    private readonly RegionGoal _goal;
    private readonly RegionLedger _ledger;
    private readonly CancellationToken _cancellation;
    private readonly Action<string, double> _report;
    private readonly Func<int, UnitForm, bool> _mayBe;
    private readonly RegionPlan _float;
    private readonly RegionPlan _uniform;
    private readonly List<RegionCandidate> _measured = [];
    private readonly Dictionary<RegionPlan, RegionScore> _scores = [];
    private readonly RegionDamage _damage;
    private double _floatSeconds;

    /// <summary>A search.</summary>
    /// <param name="map">The network.</param>
    /// <param name="bench">Measures plans.</param>
    /// <param name="goal">What is wanted.</param>
    /// <param name="mayBe">Which forms units may have, of those that they have.</param>
    /// <param name="report">Told what goes on, and how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    public RegionSearch(RegionMap map, IRegionBench bench, RegionGoal goal, Func<int, UnitForm, bool> mayBe, Action<string, double> report, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(mayBe);
        (_map, _bench, _goal, _report, _cancellation) = (map, bench, goal, report, cancellation);
        _mayBe = (u, form) => map.Units[u].Has(form) && mayBe(u, form);
        _ledger = new RegionLedger(map, _mayBe);
        _float = PlanOf(UnitForm.Float, UnitForm.Integers);
        _uniform = PlanOf(UnitForm.Integers, UnitForm.Rows8, UnitForm.Float);
        _damage = new RegionDamage(map, _float, Probe);
    }

    /// <summary>Searches.</summary>
    public RegionResult Run()
    {
        Measure(_float);
        _floatSeconds = _measured[0].Timing.FloatSeconds;
        if (!_uniform.Equals(_float)) Measure(_uniform);
        var costs = _ledger.Costs;
        foreach (var form in s_products) Explore(form, u => costs.Of(u, UnitForm.Float) >= LeastShare * _floatSeconds);
        Explore(UnitForm.Rows4, _ => true);
        Settle();
        _damage.LeaveOut(_ledger.Costs);
        RegionPlan? kept = _goal.LeastDamage ? LeastDamage() : LeastTime();
        return Decide(kept);
    }

    private RegionPlan PlanOf(params UnitForm[] preferred) =>
        new([.. Enumerable.Range(0, _map.Units.Length).Select(u => preferred.Where(f => _mayBe(u, f)).DefaultIfEmpty(UnitForm.Float).First())]);

    // A form is known once a file had it.
    private void Explore(UnitForm form, Func<int, bool> isWorthIt)
    {
        int[] units = [.. Enumerable.Range(0, _map.Units.Length).Where(u => _mayBe(u, form) && isWorthIt(u))];
        if (units.Length > 0) Measure(units.Aggregate(_float, (plan, u) => plan.With(u, form)));
    }

    // The cut, its file, what that teaches, the cut again: until it repeats itself.
    private void Settle()
    {
        for (int round = 0; round < _goal.MostProfiles; round++)
        {
            var plan = RegionCut.Solve(_map, _ledger.Costs);
            if (_measured.Exists(m => m.Plan.Equals(plan))) return;
            Measure(plan);
        }
    }

    private void Measure(RegionPlan plan)
    {
        _cancellation.ThrowIfCancellationRequested();
        _report($"measuring a file with {plan.Integers} of {plan.Count} operators in integers", Math.Min(0.5, _measured.Count / 12.0));
        double? predicted = _measured.Count >= 2 ? _ledger.Predict(plan) : null;
        var before = predicted is null ? null : _ledger.Costs;
        var (reading, timing) = _bench.Profile(plan);
        _ledger.Learn(plan, reading);
        _measured.Add(new RegionCandidate(plan, predicted, timing, null, [.. reading.Units.Select((seconds, u) => new UnitTime(before?.Of(u, plan[u]), seconds))]));
    }

    private RegionPlan? LeastTime()
    {
        foreach (var candidate in Faster())
            if (ScoreOf(candidate.Plan).IsKept) return Weighed(candidate.Plan);
        return Weighed(null);
    }

    // Whether a plan that gives up less time than the best kept one so far keeps what is asked, too. Damage adds up nearly; how much of it is allowed is what plans that were compared say.
    private RegionPlan? Weighed(RegionPlan? best)
    {
        var fastest = Faster().FirstOrDefault();
        if (fastest is null || fastest.Plan.Equals(best)) return best;
        double high = _damage.Of(fastest.Plan), low = 0, allowed = high / ScoreOf(fastest.Plan).Excess;
        for (int i = 0; i < Scorings && high > 1.05 * low; i++)
        {
            var plan = PlanWithin(allowed);
            if (plan.Equals(_float)) break;
            double damage = _damage.Of(plan);
            var score = ScoreOf(plan);
            if (score.IsKept)
            {
                low = Math.Max(low, allowed);
                if (!_measured.Exists(m => m.Plan.Equals(plan))) Measure(plan);
            }
            else
            {
                high = Math.Min(high, Math.Min(allowed, damage));
            }
            double guess = score.Excess > 0 ? damage / score.Excess : high;
            allowed = guess > 1.02 * low && guess < 0.98 * high ? guess : (low + high) / 2;
        }
        return Faster().FirstOrDefault(c => ScoreOf(c.Plan).IsKept)?.Plan;
    }

    // The fastest plan whose units do no more damage than that, as far as weighing it into the cut finds it.
    private RegionPlan PlanWithin(double allowed)
    {
        var (low, high) = Factors();
        var plan = _float;
        for (int i = 0; i < Steps; i++)
        {
            double middle = Math.Sqrt(low * high);
            var weighed = _damage.Weighed(_ledger.Costs, middle);
            if (_damage.Of(weighed) > allowed)
            {
                low = middle;
                continue;
            }
            if (weighed.Equals(plan) && i > Steps / 2) break;
            (high, plan) = (middle, weighed);
        }
        return plan;
    }

    private RegionPlan? LeastDamage()
    {
        double limit = _goal.MostSeconds?.Invoke(_floatSeconds) ?? _floatSeconds;
        bool IsWithin(RegionPlan plan) => _measured.Find(m => m.Plan.Equals(plan))!.Timing is var t && t.Ratio * _floatSeconds <= limit;
        var (low, high) = Factors();
        for (int i = 0; i < Bisections; i++)
        {
            double middle = Math.Sqrt(low * high);
            var plan = _damage.Weighed(_ledger.Costs, middle);
            if (!_measured.Exists(m => m.Plan.Equals(plan))) Measure(plan);
            if (IsWithin(plan)) low = middle;
            else high = middle;
        }
        return _measured.Where(m => IsWithin(m.Plan)).MinBy(m => ScoreOf(m.Plan).Damage)?.Plan ?? Faster().FirstOrDefault()?.Plan;
    }

    // Seconds that a unit of damage is worth: between nothing to speak of and more than the network takes.
    private (double Low, double High) Factors()
    {
        double all = _damage.Of(Faster().FirstOrDefault()?.Plan ?? _uniform), whole = all > 0 && double.IsFinite(all) ? _floatSeconds / all : 1;
        return (whole / (1 << 16), whole * (1 << 16));
    }

    private double Probe(int unit, UnitForm form)
    {
        _cancellation.ThrowIfCancellationRequested();
        _report($"measuring what '{_map.Units[unit].Name}' alone does in integers", 0.5 + 0.3 * unit / _map.Units.Length);
        return _bench.Score(_float.With(unit, form), probe: true).Damage;
    }

    private IEnumerable<RegionCandidate> Faster() => _measured.Where(m => !m.Plan.Equals(_float)).OrderBy(m => m.Timing.Ratio);

    private double? RatioOf(RegionPlan plan) => _measured.Find(m => m.Plan.Equals(plan))?.Timing.Ratio;

    private RegionScore ScoreOf(RegionPlan plan)
    {
        if (_scores.TryGetValue(plan, out var known)) return known;
        _cancellation.ThrowIfCancellationRequested();
        _report($"comparing outputs of a file with {plan.Integers} of {plan.Count} operators in integers", 0.6);
        return _scores[plan] = _bench.Score(plan, probe: false);
    }

    // Tables in 8 bits take a quarter of the bytes and next to no time: they are taken where that neither hurts nor was measured to be slower.
    private (RegionPlan Plan, RegionTiming Timing) Smaller(RegionPlan plan, RegionTiming timing)
    {
        int[] tables = [.. Enumerable.Range(0, plan.Count).Where(u => plan[u] == UnitForm.Float && _mayBe(u, UnitForm.Rows8))];
        var smaller = tables.Aggregate(plan, (with, u) => with.With(u, UnitForm.Rows8));
        if (tables.Length == 0 || !ScoreOf(smaller).IsKept) return (plan, timing);
        var times = _bench.Race([plan, smaller], final: true);
        bool isAsFast = times[1].Ratio <= (1 + _goal.Margin / 2) * times[0].Ratio && (times[1].High <= 1 || timing.High > 1);
        return isAsFast ? (smaller, times[1]) : (plan, timing);
    }

    private RegionResult Decide(RegionPlan? kept)
    {
        // Everything in integers is not to be left out of the race for want of a look at its outputs.
        if (!_goal.LeastDamage && kept is not null && RatioOf(_uniform) is { } all && all < (1 + _goal.Margin) * RatioOf(kept)) ScoreOf(_uniform);
        _report("racing the best files against float", 0.9);
        var finalists = _goal.LeastDamage && kept is not null ? [kept]
            : Faster().Where(c => c.Plan.Equals(kept) || (_scores.TryGetValue(c.Plan, out var score) && score.IsKept)).Select(c => c.Plan).Take(Finalists).ToList();
        List<RegionPlan> plans = [_float, _uniform, .. finalists.Where(p => !p.Equals(_uniform) && !p.Equals(_float))];
        var times = _bench.Race(plans, final: true);
        var uniform = times[1];
        var best = finalists.Select(p => (Plan: p, Timing: times[plans.IndexOf(p)])).OrderBy(f => f.Timing.Ratio).FirstOrDefault();
        var verdict = best.Plan is null ? Faster().Any(c => c.Timing.Ratio < 1 - _goal.Margin) ? RegionVerdict.NothingKept : RegionVerdict.NothingFaster
            : best.Timing.High <= 1 ? RegionVerdict.Faster
            : best.Timing.Ratio >= 1 - _goal.Margin ? RegionVerdict.NothingFaster : RegionVerdict.TooNoisy;
        var (plan, timing) = verdict == RegionVerdict.Faster ? Smaller(best.Plan!, best.Timing) : Smaller(_float, times[0]);
        var costs = _ledger.Costs;
        // The machine was faster or slower in the last race than while costs were read: everything is told as if it had been as in that race.
        double pace = timing.FloatSeconds / _floatSeconds;
        // Of the float network nothing is foretold: it is what it was when costs were read off it.
        double predicted = plan.Equals(_float) ? _measured[0].Timing.Ratio * timing.FloatSeconds : pace * (_ledger.Predict(plan) ?? RegionCut.Price(_map, costs, plan));
        return new RegionResult(plan, timing, uniform, predicted, verdict, costs,
            [.. _measured.Select(m => m.At(pace, timing.FloatSeconds) with { Score = _scores.TryGetValue(m.Plan, out var score) ? score : null })]);
    }
}
