using System.Collections.Immutable;

namespace Haq.Cluster.Protocol;

/// <param name="Worker">Who it is.</param>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Threads">How many pieces of work it does at a time.</param>
/// <param name="Refusal">Why it will not work for this client; null where it will.</param>
[GenerateSerializer, Immutable, Alias("haq.greeting")]
internal sealed record Greeting([property: Id(0)] WorkerIdentity Worker, [property: Id(1)] string Name, [property: Id(2)] int Threads, [property: Id(3)] string? Refusal);

/// <summary>How far a worker is with a subject.</summary>
internal enum SubjectPhase
{
    /// <summary>Parts are not there.</summary>
    Missing,

    /// <summary>Parts are being fetched or put together.</summary>
    Opening,

    /// <summary>Work may come.</summary>
    Ready,

    /// <summary>It cannot be kept or used there; somebody else may have more luck.</summary>
    Unfit,

    /// <summary>It cannot be used, wherever it is.</summary>
    Wrong,
}

/// <param name="Phase">How far it is.</param>
/// <param name="Missing">Digests of the parts that the client has to hand over.</param>
/// <param name="Code">The code of what is wrong with it; null where nothing is, or it has none.</param>
/// <param name="Message">What is wrong.</param>
[GenerateSerializer, Immutable, Alias("haq.subject")]
internal sealed record SubjectState([property: Id(0)] SubjectPhase Phase, [property: Id(1)] ImmutableArray<string> Missing, [property: Id(2)] string? Code, [property: Id(3)] string? Message)
{
    public static SubjectState Of(SubjectPhase phase) => new(phase, [], null, null);
}

/// <param name="Next">The offset that is wanted next.</param>
/// <param name="Problem">Why the part was refused; null where it was not.</param>
[GenerateSerializer, Immutable, Alias("haq.part")]
internal sealed record PartState([property: Id(0)] long Next, [property: Id(1)] string? Problem);

/// <param name="Id">Of this piece of work.</param>
/// <param name="Subject">What is scored on.</param>
/// <param name="Policy">The bits of weights and activations of every layer, a byte each.</param>
/// <param name="Batches">Which batches.</param>
[GenerateSerializer, Immutable, Alias("haq.order")]
internal sealed record WorkOrder([property: Id(0)] Guid Id, [property: Id(1)] string Subject, [property: Id(2)] byte[] Policy, [property: Id(3)] ImmutableArray<int> Batches);

/// <summary>What became of a piece of work.</summary>
internal enum WorkOutcome
{
    /// <summary>There are scores.</summary>
    Done,

    /// <summary>It was not done, and another worker may do it.</summary>
    HandedBack,

    /// <summary>It fails wherever it is done.</summary>
    Failed,
}

/// <param name="Id">Of the order.</param>
/// <param name="Subject">What was scored on.</param>
/// <param name="Policy">The digest of the policy that was scored.</param>
/// <param name="Batches">Which batches were.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Scores">The scores as <see cref="ScoreCodec"/> writes them.</param>
/// <param name="Code">The code of what is wrong; null where nothing is, or it has none.</param>
/// <param name="Message">What is wrong.</param>
[GenerateSerializer, Immutable, Alias("haq.answer")]
internal sealed record WorkAnswer(
    [property: Id(0)] Guid Id, [property: Id(1)] string Subject, [property: Id(2)] string Policy, [property: Id(3)] ImmutableArray<int> Batches, [property: Id(4)] WorkOutcome Outcome,
    [property: Id(5)] byte[] Scores, [property: Id(6)] string? Code, [property: Id(7)] string? Message);

/// <param name="Answers">What is finished.</param>
/// <param name="Held">The orders of this client that the worker has.</param>
/// <param name="IsLeaving">It takes no more work.</param>
[GenerateSerializer, Immutable, Alias("haq.collection")]
internal sealed record Collection([property: Id(0)] ImmutableArray<WorkAnswer> Answers, [property: Id(1)] ImmutableArray<Guid> Held, [property: Id(2)] bool IsLeaving);
