using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Benchmarks.Scale;

/// <summary>A pool whose work takes no time: every sample scores as the float model. What is left is what giving out costs.</summary>
internal sealed class NoWorkPool(ScoringSubject subject, int capacity) : IScoringPool
{
    private int _pieces;

    /// <summary>How many pieces it was given.</summary>
    public int Pieces => _pieces;

    public int Capacity => capacity;

    public Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _pieces);
        return Task.FromResult<SampleScore[]>([.. work.Batches.SelectMany(b => subject.FloatSamples.AsSpan(subject.FirstOf(b), subject.CountOf(b)).ToArray())]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
