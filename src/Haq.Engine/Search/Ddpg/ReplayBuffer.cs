using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>The most recent transitions, from which batches are drawn without repetition.</summary>
internal sealed class ReplayBuffer(int capacity)
{
    private readonly Transition[] _ring = new Transition[capacity];
    private readonly HashSet<int> _taken = [];
    private int _next;

    /// <summary>Number of transitions held.</summary>
    public int Count { get; private set; }

    /// <summary>Keeps a transition; the oldest goes when there is no room.</summary>
    public void Add(in Transition transition)
    {
        _ring[_next] = transition;
        _next = (_next + 1) % _ring.Length;
        Count = Math.Min(Count + 1, _ring.Length);
    }

    /// <summary>Fills <paramref name="batch"/> with different transitions.</summary>
    /// <exception cref="InvalidOperationException">There are fewer.</exception>
    public void Sample(Span<Transition> batch, SeededRandom random)
    {
        if (Count < batch.Length) throw new InvalidOperationException($"{Count} transitions cannot fill a batch of {batch.Length}");
        // Floyd's sampling: each subset is as likely as any other.
        _taken.Clear();
        int at = 0;
        for (int last = Count - batch.Length; last < Count; last++)
        {
            int pick = random.Next(last + 1);
            if (!_taken.Add(pick)) _taken.Add(pick = last);
            batch[at++] = _ring[pick];
        }
    }
}
