using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>
/// The moves that local search will make if none of the next ones helps, which is what mostly happens: each failure corrects what its changes are thought to be worth, and the next move follows.
/// By how much is guessed, from what failures did before; where the guess leads elsewhere, what was thought ahead is dropped.
/// </summary>
internal sealed class MovesAhead(Func<Policy, bool> allowed)
{
    private readonly Queue<Policy> _moves = new();
    private Differences? _after;
    private Policy? _from;

    /// <summary>Up to <paramref name="most"/> moves, beginning with the one that is made now.</summary>
    /// <param name="differences">What is known before that move.</param>
    /// <param name="current">Where it starts.</param>
    /// <param name="next">Where it leads.</param>
    /// <param name="rise">What a failure is guessed to add to the loss.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<Policy> From(Differences differences, Policy current, Policy next, double rise, int most)
    {
        if (_after is null || !current.Equals(_from) || _moves.Count == 0 || !_moves.Peek().Equals(next))
        {
            _moves.Clear();
            (_after, _from) = (differences.Copy(), current);
        }
        while (_moves.Count < most && _after.BestUnknown(current, p => allowed(p) && !_moves.Contains(p)) is { } move)
        {
            _moves.Enqueue(move.Policy);
            _after.Correct(move, rise);
        }
        Policy[] ahead = [.. _moves];
        _moves.TryDequeue(out _);
        return ahead;
    }
}
