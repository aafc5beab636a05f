namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Where batches are scored: threads of this process or workers elsewhere. A batch's scores depend on the work alone, not on who does it, when, or what else runs.
/// For several callers at a time.
/// </summary>
public interface IScoringPool : IAsyncDisposable
{
    /// <summary>How many pieces of work can be under way at the same time now; it changes as workers come and go, and may be 0.</summary>
    int Capacity { get; }

    /// <summary>Scores every sample of the batches, in the order of the batches and of the samples within.</summary>
    /// <exception cref="WorkLostException">Whoever had the work is gone or took too long; somebody else may do it.</exception>
    /// <exception cref="Diagnostics.HaqException">The work itself fails, wherever it is done.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task<SampleScore[]> ScoreAsync(ScoringWork work, CancellationToken cancellation);
}
