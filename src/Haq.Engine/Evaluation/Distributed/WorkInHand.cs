namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// What of one search is under way, and what is given out next; no clock, no threads, and nothing of who does it, so that a simulation decides as a search does. Its evaluators share the workers:
/// whoever is asked now comes first. Not safe for concurrent use.
/// </summary>
internal sealed class WorkInHand
{
    private readonly List<Agenda> _agendas = [];
    private readonly HashSet<Flight> _flights = [];

    /// <summary>What was given out and is waited for.</summary>
    public IReadOnlyCollection<Flight> Flights => _flights;

    /// <summary>An evaluator's work.</summary>
    public void Add(Agenda agenda) => _agendas.Add(agenda);

    /// <summary>Gives out the next piece; null where <paramref name="capacity"/> pieces are under way, or nothing is left to do.</summary>
    public Flight? Begin(int capacity, long now)
    {
        if (_flights.Count >= capacity) return null;
        foreach (bool ahead in (bool[])[false, true])
        {
            foreach (var agenda in _agendas.OrderByDescending(a => a.IsAsked))
            {
                if (agenda.Next(capacity, _flights.Where(f => f.Agenda == agenda).Sum(f => f.Batches.Length), ahead) is not { } piece) continue;
                var flight = new Flight(agenda, piece.Measurement, piece.Batches, now);
                _flights.Add(flight);
                return flight;
            }
        }
        return null;
    }

    /// <summary>Gives out once more what is late.</summary>
    public Flight Double(Flight late, long now)
    {
        late.IsDoubled = true;
        late.Measurement.TakeAgain(late.Batches);
        var flight = new Flight(late.Agenda, late.Measurement, late.Batches, now) { IsDoubled = true };
        _flights.Add(flight);
        return flight;
    }

    /// <summary>It came back; false where nobody waits for it any more.</summary>
    public bool Remove(Flight flight) => _flights.Remove(flight);

    /// <summary>Ends what nobody needs: races that are decided, and what was announced no longer.</summary>
    public void EndNeedless()
    {
        foreach (var own in _flights.GroupBy(f => f.Agenda).ToList())
        {
            var needless = own.Key.Needless(own.Select(f => f.Measurement));
            foreach (var flight in own.Where(f => needless.Contains(f.Measurement) || !f.Measurement.Lacks(f.Batches)))
            {
                flight.End();
                _flights.Remove(flight);
                flight.Measurement.Return(flight.Batches, count: false);
            }
        }
    }

    /// <summary>Ends everything.</summary>
    public void End()
    {
        foreach (var flight in _flights) flight.End();
        _flights.Clear();
    }
}
