using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Distributed;

/// <summary>
/// A pool in which all goes wrong that may: answers are held back until others have come and follow in another order, work is lost, answers are cut, and workers come and go. What befalls
/// a piece is drawn from a seed, and nothing depends on time: of what is under way something is never held, and whatever ends lets go of one that is. A piece is never lost more often than it may be.
/// </summary>
internal sealed class AdversaryPool(Func<ScoringWork, CancellationToken, Task<SampleScore[]>> inner, int capacity, ulong seed) : IScoringPool
{
    private readonly SeededRandom _random = new(seed);
    private readonly Dictionary<string, int> _lost = [];
    private readonly List<TaskCompletionSource> _held = [];
    private int _pieces, _going;

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
            if (_going >= Math.Max(1, capacity / 2)) _held.Insert(_random.Next(_held.Count + 1), held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            else _going++;
        }
        if (held is not null) await held.Task;
        try
        {
            if (fate == 0) throw new WorkLostException("the worker was struck by lightning");
            var scores = await inner(work, cancellation);
            return fate == 1 ? scores[1..] : scores;
        }
        finally
        {
            lock (_random) LetGo();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // In place of what has ended.
    private void LetGo()
    {
        if (_held.Count == 0)
        {
            _going--;
            return;
        }
        _held[^1].SetResult();
        _held.RemoveAt(_held.Count - 1);
    }
}
