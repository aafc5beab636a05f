using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>How far a policy is measured. Batches are taken in the order of races, so that what was begun for one serves the other.</summary>
internal sealed class Measurement
{
    private readonly ScoringSubject _subject;
    private readonly int[] _order, _place;

    // Made with the first piece of work: many are announced that are never begun.
    private byte[] _flying = [], _losses = [];
    private bool[] _done = [];
    private int _doneInOrder;
    private int _firstOpen;

    /// <summary>Begins the measurement of a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="subject">What it is measured on.</param>
    /// <param name="order">Which batch comes when.</param>
    /// <param name="place">When each batch comes.</param>
    public Measurement(Policy policy, ScoringSubject subject, int[] order, int[] place) => (Policy, _subject, _order, _place) = (policy, subject, order, place);

    /// <summary>What is measured.</summary>
    public Policy Policy { get; }

    /// <summary>The samples' scores, as far as they are there.</summary>
    public SampleScore[] Scores { get; private set; } = [];

    /// <summary>Why it cannot be measured; null where nothing speaks against it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>When it was last of use; greater is later.</summary>
    public long LastUse { get; set; }

    /// <summary>Something was begun, so that it holds memory.</summary>
    public bool IsBegun => _done.Length > 0 || _order.Length == 0;

    /// <summary>Every batch was scored.</summary>
    public bool IsComplete => _doneInOrder == _order.Length;

    /// <summary>The first so many batches of the order were scored.</summary>
    public bool IsDone(int until) => _doneInOrder >= until;

    /// <summary>How many of the first batches of the order are neither scored nor given out.</summary>
    public int Open(int until)
    {
        int open = 0;
        for (int i = _firstOpen; i < until; i++) if (IsOpen(i)) open++;
        return open;
    }

    /// <summary>Takes up to <paramref name="most"/> of the open ones among the first batches of the order.</summary>
    public ImmutableArray<int> Take(int until, int most)
    {
        Begin();
        var taken = ImmutableArray.CreateBuilder<int>();
        for (int i = _firstOpen; i < until && taken.Count < most; i++)
        {
            if (!IsOpen(i)) continue;
            _flying[i]++;
            taken.Add(_order[i]);
        }
        while (_firstOpen < _order.Length && !IsOpen(_firstOpen)) _firstOpen++;
        return taken.ToImmutable();
    }

    /// <summary>Batches are on their way a second time.</summary>
    public void TakeAgain(ImmutableArray<int> batches)
    {
        foreach (int batch in batches) _flying[_place[batch]]++;
    }

    /// <summary>The scores of these batches have come. What was there already stays.</summary>
    public void Put(ImmutableArray<int> batches, ReadOnlySpan<SampleScore> scores)
    {
        int from = 0;
        foreach (int batch in batches)
        {
            int place = _place[batch], count = _subject.CountOf(batch);
            _flying[place]--;
            if (!_done[place]) scores.Slice(from, count).CopyTo(Scores.AsSpan(_subject.FirstOf(batch)));
            _done[place] = true;
            from += count;
        }
        while (_doneInOrder < _order.Length && _done[_doneInOrder]) _doneInOrder++;
    }

    /// <summary>Batches will not come back.</summary>
    /// <returns>How often the unluckiest of them was lost by now, where <paramref name="count"/> says that this is one more time.</returns>
    public int Return(ImmutableArray<int> batches, bool count)
    {
        int most = 0;
        foreach (int batch in batches)
        {
            int place = _place[batch];
            _flying[place]--;
            if (count && !_done[place]) most = Math.Max(most, ++_losses[place]);
            if (IsOpen(place)) _firstOpen = Math.Min(_firstOpen, place);
        }
        return most;
    }

    /// <summary>Some of the batches were not scored yet.</summary>
    public bool Lacks(ImmutableArray<int> batches)
    {
        foreach (int batch in batches) if (!_done[_place[batch]]) return true;
        return false;
    }

    /// <summary>Nothing was lost so far.</summary>
    public void Forgive()
    {
        Failure = null;
        Array.Clear(_losses);
    }

    private bool IsOpen(int place) => !IsBegun || (!_done[place] && _flying[place] == 0);

    private void Begin()
    {
        if (IsBegun) return;
        (_flying, _losses, _done) = (new byte[_order.Length], new byte[_order.Length], new bool[_order.Length]);
        Scores = new SampleScore[_subject.Samples];
    }
}
