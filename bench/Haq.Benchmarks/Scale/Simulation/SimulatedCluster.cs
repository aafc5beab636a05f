using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>
/// Replays a search on workers that do not exist. What is given out when is decided by the search's own scheduler and by real scores; only the time is counted instead of waited for. Events in the
/// order of their times, of equal times in the order in which they were planned: the same trace always gives the same figures.
/// </summary>
internal sealed class SimulatedCluster
{
    private readonly ClusterShape _shape;
    private readonly SearchTrace _trace;
    private readonly WorkInHand _work = new();
    private readonly Dictionary<string, Agenda> _agendas;
    private readonly SimulatedWorker[] _workers;
    private readonly Dictionary<Flight, (SimulatedWorker Worker, WorkSpan Span)> _under = [];
    private readonly PriorityQueue<(Flight Flight, WorkSpan Span), (double, int)> _answers = new();
    private readonly IWorkTimes _times;
    private readonly Dictionary<(string, Policy), int> _needed = [];
    private double _now, _clientFreeAt;
    private int _orders;

    private SimulatedCluster(SearchTrace trace, IWorkTimes times, ClusterShape shape, DistributionOptions options)
    {
        (_trace, _times, _shape) = (trace, times, shape);
        _agendas = trace.Subjects.ToDictionary(s => s.Digest, s => new Agenda(s, options), StringComparer.Ordinal);
        foreach (var subject in trace.Subjects) _work.Add(_agendas[subject.Digest]);
        _workers = [.. Enumerable.Range(0, shape.Workers).Select(_ => new SimulatedWorker(times))];
    }

    /// <summary>How long the search takes on such a cluster, and what the workers do meanwhile.</summary>
    public static Replay Run(SearchTrace trace, IWorkTimes times, ClusterShape shape, DistributionOptions? options = null) =>
        new SimulatedCluster(trace, times, shape, options ?? new DistributionOptions()).Run();

    private Replay Run()
    {
        var phases = new List<PhaseSpan>();
        foreach (var call in _trace.Calls)
        {
            double from = _now;
            Until(_now + call.Thought);
            var agenda = _agendas[call.Subject];
            if (call.IsAsked)
            {
                var (policy, rival) = call.Requests[0];
                int until = Ask(agenda, agenda.Ask(policy, rival));
                _needed[(call.Subject, policy)] = Math.Max(until, _needed.GetValueOrDefault((call.Subject, policy)));
                if (rival is not null) _needed[(call.Subject, rival)] = agenda.Subject.Batches;
            }
            else
            {
                agenda.Announce(call.Requests);
                GiveOut();
            }
            if (phases.Count > 0 && phases[^1].Phase == call.Phase) phases[^1] = phases[^1] with { Ends = _now };
            else phases.Add(new PhaseSpan(call.Phase, from, _now));
        }
        var spans = _workers.SelectMany(w => w.Done).Select(s => s.Ends <= _now ? s : s.Until(_now)).ToList();
        double busy = spans.Sum(s => s.Ends - s.Begins);
        return Replay.Of(_shape.Workers, _now, _trace.Calls.Sum(c => c.Thought), _orders, phases, spans) with { Asked = busy == 0 ? 1 : AskedFor(spans) / busy };
    }

    private double AskedFor(IEnumerable<WorkSpan> spans)
    {
        var orders = _trace.Subjects.ToDictionary(s => s.Digest, s => LossRace.Order(s.Batches), StringComparer.Ordinal);
        return spans.Sum(span =>
        {
            HashSet<int> needed = [.. orders[span.Subject].Take(_needed.GetValueOrDefault((span.Subject, span.Policy)))];
            return span.For(needed.Contains);
        });
    }

    // Returns how many batches of the order it took.
    private int Ask(Agenda agenda, Question question)
    {
        while (question.Decide() is null)
        {
            GiveOut();
            if (!Advance(double.PositiveInfinity)) throw new InvalidOperationException("the search waits for an answer that nobody works at");
        }
        agenda.Settle();
        if (EndNeedless()) GiveOut();
        return question.Needed;
    }

    private void Until(double time)
    {
        while (Advance(time)) { }
        _now = time;
    }

    private bool Advance(double last)
    {
        if (!_answers.TryPeek(out _, out var key) || key.Item1 > last) return false;
        var (flight, span) = _answers.Dequeue();
        // Otherwise it was ended.
        if (!_under.Remove(flight)) return true;
        _now = Math.Max(_now, key.Item1);
        _work.Remove(flight);
        var subject = flight.Agenda.Subject;
        var scores = _times.Scores(subject.Digest, span.Policy);
        flight.Measurement.Put(flight.Batches, [.. flight.Batches.SelectMany(b => scores.AsSpan(subject.FirstOf(b), subject.CountOf(b)).ToArray())]);
        GiveOut();
        return true;
    }

    private void GiveOut()
    {
        EndNeedless();
        while (_work.Begin(_shape.Workers, 0) is { } flight)
        {
            var busy = _under.Values.Select(u => u.Worker).ToHashSet();
            var worker = _workers.First(w => !busy.Contains(w));
            _clientFreeAt = Math.Max(_clientFreeAt, _now) + _shape.OrderSeconds;
            var subject = flight.Agenda.Subject;
            var span = worker.Take(subject.Digest, subject.Batches, flight.Measurement.Policy, flight.Batches, _clientFreeAt + _shape.TravelSeconds / 2);
            _under.Add(flight, (worker, span));
            _answers.Enqueue((flight, span), (span.Ends + _shape.TravelSeconds / 2, ++_orders));
        }
    }

    private bool EndNeedless()
    {
        _work.EndNeedless();
        var ended = _under.Where(u => !_work.Flights.Contains(u.Key)).ToList();
        foreach (var (flight, (worker, span)) in ended)
        {
            worker.End(span, _now + _shape.TravelSeconds / 2);
            _under.Remove(flight);
        }
        return ended.Count > 0;
    }
}
