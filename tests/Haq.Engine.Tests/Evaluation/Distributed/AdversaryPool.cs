using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Distributed;

/// <summary>
/// A pool in which all goes wrong that may: answers are held back until others were asked for and come in another order, work is lost, answers are cut, and workers come and go. What befalls
/// a piece is drawn from a seed, not from time; a piece is never lost more often than it may be.
/// </summary>
internal sealed class AdversaryPool(Func<ScoringWork, CancellationToken, Task<SampleScore[]>> inner, int capacity, ulong seed) : IScoringPool
{
    private readonly SeededRandom _random = new(seed);
    private readonly Dictionary<string, int> _lost = [];
    private readonly List<TaskCompletionSource> _held = [];
    private int _pieces;

    public int Capacity
    {
        get
        {
            lock (_random) return Math.Max(1, capacity - (_pieces % 7 == 6 ? 1 : 0));
        }
    }

    public int Lost { get; private set; }

    public async Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        int fate;
        TaskCompletionSource? held = null;
        lock (_random)
        {
            _pieces++;
            fate = _random.Next(10);
            string key = $"{work.Policy.Digest} {work.Batches[0]}";
            if (fate < 2 && (_lost[key] = _lost.GetValueOrDefault(key) + 1) > 2) fate = 9;
            if (fate < 2) Lost++;
            // Held until the next pieces release it, in a shuffled order; the last one is never held.
            if (_held.Count + 1 < capacity) _held.Insert(_random.Next(_held.Count + 1), held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            else Release();
        }
        // Who waits for nothing but what is held gets it.
        if (held is not null) await Task.WhenAny(held.Task, Task.Delay(20, CancellationToken.None));
        if (fate == 0) throw new WorkLostException("the worker was struck by lightning");
        var scores = await inner(work, cancellation);
        lock (_random) Release();
        return fate == 1 ? scores[1..] : scores;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Release()
    {
        foreach (var one in _held) one.TrySetResult();
        _held.Clear();
    }
}
