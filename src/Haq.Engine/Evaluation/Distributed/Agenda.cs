using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// What is to be measured and in which order: what is asked now, then what was announced. Where more policies wait than there are workers, each gets one whole, as far as its race goes
/// until the next comparison; otherwise what is left is shared out in equal pieces. Not safe for concurrent use.
/// </summary>
internal sealed class Agenda(ScoringSubject subject, DistributionOptions options)
{
    private readonly int[] _order = LossRace.Order(subject.Batches), _place = PlacesOf(LossRace.Order(subject.Batches));
    private readonly Dictionary<Policy, Measurement> _measurements = [];
    private readonly List<Question> _announced = [];
    private Question? _asked;
    private long _uses;

    /// <summary>What policies are measured on.</summary>
    public ScoringSubject Subject => subject;

    /// <summary>Somebody waits for an answer.</summary>
    public bool IsAsked => _asked is not null;

    /// <summary>What a batch took lately; 0 before the first.</summary>
    public double SecondsPerBatch { get; private set; }

    /// <summary>Asks now.</summary>
    public Question Ask(Policy policy, Policy? rival)
    {
        var (measurement, other) = (Of(policy), rival is null ? null : Of(rival));
        // What went wrong while it was only announced is tried again.
        measurement.Forgive();
        other?.Forgive();
        return _asked = _announced.FirstOrDefault(q => q.Measurement == measurement && q.Rival == other) ?? new Question(measurement, other, subject, _order);
    }

    /// <summary>Nothing is asked any more. A policy that was answered is not asked again.</summary>
    public void Settle()
    {
        if (_asked is { Answer: not null } asked) _announced.RemoveAll(q => q.Measurement == asked.Measurement);
        _asked = null;
        Forget();
    }

    /// <summary>Takes these in place of what was announced before.</summary>
    public void Announce(IReadOnlyList<EvaluationRequest> requests)
    {
        var before = _announced.ToDictionary(q => (q.Measurement, q.Rival));
        _announced.Clear();
        foreach (var request in requests.Distinct())
        {
            var (measurement, rival) = (Of(request.Policy), request.Rival is { } other ? Of(other) : null);
            _announced.Add(before.GetValueOrDefault((measurement, rival)) ?? new Question(measurement, rival, subject, _order));
        }
        Forget();
    }

    /// <summary>The next piece to give out; null where there is nothing left to do.</summary>
    /// <param name="capacity">How many pieces can be under way.</param>
    /// <param name="flying">How many batches are.</param>
    /// <param name="ahead">What races will need if they go on, and perhaps not: better than to be idle.</param>
    public (Measurement Measurement, ImmutableArray<int> Batches)? Next(int capacity, int flying, bool ahead)
    {
        Measurement? first = null;
        int until = 0, waiting = 0, open = flying;
        var counted = new HashSet<Measurement>();
        foreach (var (measurement, needed) in ahead ? Ahead() : Wanted())
        {
            if (measurement.Open(needed) is not (> 0 and var some) || !counted.Add(measurement)) continue;
            if (first is null) (first, until) = (measurement, needed);
            open += some;
            if (++waiting == capacity) break;
        }
        return first is null ? null : (first, first.Take(until, waiting == capacity ? int.MaxValue : Math.Max(options.LeastBatches, (open + capacity - 1) / capacity)));
    }

    /// <summary>Those of <paramref name="measurements"/> that no open question is about.</summary>
    public HashSet<Measurement> Needless(IEnumerable<Measurement> measurements)
    {
        HashSet<Measurement> needless = [.. measurements];
        foreach (var question in Open())
        {
            // What is under way is mostly among the first questions of many.
            if (needless.Count == 0) break;
            needless.Remove(question.Measurement);
            if (question.Rival is { IsComplete: false } rival) needless.Remove(rival);
        }
        return needless;
    }

    /// <summary>What is asked now waits for this measurement.</summary>
    public bool IsUrgent(Measurement measurement) => _asked is { Answer: null } asked && (asked.Measurement == measurement || asked.Rival == measurement);

    /// <summary>A batch took so long, on average over a piece of work.</summary>
    public void Took(double seconds) => SecondsPerBatch = SecondsPerBatch == 0 ? seconds : 0.9 * SecondsPerBatch + 0.1 * seconds;

    private IEnumerable<Question> Open()
    {
        foreach (var question in _asked is null ? _announced : _announced.Prepend(_asked).Distinct())
            if (question.Failure is null && question.Decide() is null) yield return question;
    }

    // In the order in which it is needed; at last what the race that is waited for will need if it goes on.
    private IEnumerable<(Measurement Measurement, int Until)> Wanted()
    {
        foreach (var question in Open())
        {
            if (question.Rival is { IsComplete: false } rival) yield return (rival, _order.Length);
            yield return (question.Measurement, question.Needed);
        }
        if (_asked is { Answer: null, Failure: null } asked) yield return (asked.Measurement, _order.Length);
    }

    private IEnumerable<(Measurement Measurement, int Until)> Ahead() => Open().Select(question => (question.Measurement, _order.Length));

    private static int[] PlacesOf(int[] order)
    {
        int[] places = new int[order.Length];
        for (int i = 0; i < order.Length; i++) places[order[i]] = i;
        return places;
    }

    private Measurement Of(Policy policy)
    {
        if (!_measurements.TryGetValue(policy, out var measurement)) _measurements.Add(policy, measurement = new Measurement(policy, subject, _order, _place));
        measurement.LastUse = ++_uses;
        return measurement;
    }

    // What nobody asks for is kept as far as memory allows, for races against it.
    private void Forget()
    {
        var needed = _announced.Append(_asked).OfType<Question>().SelectMany(q => new[] { q.Measurement, q.Rival }).ToHashSet();
        var idle = _measurements.Values.Where(m => !needed.Contains(m)).OrderBy(m => m.LastUse).ToList();
        foreach (var empty in idle.Where(m => !m.IsBegun)) _measurements.Remove(empty.Policy);
        long most = Math.Max(2, options.KeptScores / Math.Max(1, subject.Samples)), held = _measurements.Values.Count(m => m.IsBegun);
        foreach (var old in idle.Where(m => m.IsBegun).Take((int)Math.Max(0, held - most))) _measurements.Remove(old.Policy);
    }
}
