using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Engine.Tests.Evaluation.Distributed;

/// <summary>A pool that answers by a test's function and remembers what it was given.</summary>
internal sealed class HandPool(int capacity, Func<ScoringWork, int, CancellationToken, Task<SampleScore[]>> answer) : IScoringPool
{
    private readonly List<ScoringWork> _given = [];

    public int Capacity { get; set; } = capacity;

    public IReadOnlyList<ScoringWork> Given
    {
        get
        {
            lock (_given) return [.. _given];
        }
    }

    public Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        int number;
        lock (_given)
        {
            number = _given.Count;
            _given.Add(work);
        }
        return answer(work, number, cancellation);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
