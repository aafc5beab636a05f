using Haq.Cluster.Protocol;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Cluster.Clients;

/// <summary>A piece of work that a worker has, and whoever waits for its answer.</summary>
internal sealed class PendingOrder(WorkOrder order, ScoringWork work)
{
    private readonly TaskCompletionSource<SampleScore[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkOrder Order => order;

    /// <summary>The worker said that it has it.</summary>
    public bool IsSubmitted { get; set; }

    public Task<SampleScore[]> Answer => _answer.Task;

    public void Lose(string why, Exception? cause = null) => _answer.TrySetException(new WorkLostException(why, cause));

    /// <summary>Takes an answer, if it is the one to this work.</summary>
    /// <returns>What is wrong with the answer itself, which is then refused; null where nothing is.</returns>
    public string? Take(WorkAnswer answer)
    {
        if (answer.Subject != work.Subject) return Refuse("it is about another subject");
        if (!answer.Batches.SequenceEqual(work.Batches)) return Refuse("it is about other batches");
        switch (answer.Outcome)
        {
            case WorkOutcome.HandedBack:
                Lose(answer.Message ?? "the worker handed it back");
                return null;
            case WorkOutcome.Failed:
                _answer.TrySetException(Said(answer.Code, answer.Message));
                return null;
        }
        if (answer.Policy != work.Policy.Digest) return Refuse("it is about another policy");
        try
        {
            var scores = ScoreCodec.Read(answer.Scores);
            if (work.Problem(scores) is { } problem) return Refuse(problem);
            _answer.TrySetResult(scores);
            return null;
        }
        catch (InvalidDataException e)
        {
            return Refuse($"it cannot be read: {e.Message}");
        }
    }

    /// <summary>An error that a worker found, as if it had been found here.</summary>
    public static Exception Said(string? code, string? message) => DiagnosticCatalog.All.FirstOrDefault(d => d.Code == code) is { } known
        ? known.Error((SourceLocation?)null, message ?? known.Title)
        : new WorkLostException(message ?? "the worker failed");

    private string Refuse(string why)
    {
        Lose($"an answer was refused: {why}");
        return why;
    }
}
