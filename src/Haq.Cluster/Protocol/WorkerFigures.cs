namespace Haq.Cluster.Protocol;

/// <summary>How a worker is now, for people.</summary>
[GenerateSerializer, Immutable, Alias("haq.figures")]
internal sealed record WorkerFigures
{
    /// <summary>Who it is.</summary>
    [Id(0)]
    public required WorkerIdentity Worker { get; init; }

    /// <summary>What it is called: machine and process.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>How many pieces of work it does at a time.</summary>
    [Id(2)]
    public required int Threads { get; init; }

    /// <summary>Pieces of work that wait for a thread.</summary>
    [Id(3)]
    public required int Queued { get; init; }

    /// <summary>Pieces of work that have a thread.</summary>
    [Id(4)]
    public required int Running { get; init; }

    /// <summary>Pieces of work done since it started.</summary>
    [Id(5)]
    public required long Pieces { get; init; }

    /// <summary>Batches scored since it started.</summary>
    [Id(6)]
    public required long Batches { get; init; }

    /// <summary>Share of its threads' time that it was at work, over the last minute: 0..1.</summary>
    [Id(7)]
    public required double Busy { get; init; }

    /// <summary>For how long it runs.</summary>
    [Id(8)]
    public required double UpSeconds { get; init; }

    /// <summary>Subjects that it has open or is opening.</summary>
    [Id(9)]
    public required int Subjects { get; init; }

    /// <summary>Clients that it has work for.</summary>
    [Id(10)]
    public required int Clients { get; init; }

    /// <summary>Bytes of memory of its process.</summary>
    [Id(11)]
    public required long Memory { get; init; }

    /// <summary>It takes no more work.</summary>
    [Id(12)]
    public required bool IsLeaving { get; init; }

    /// <summary>Its silo's address, as Orleans writes it.</summary>
    [Id(13)]
    public string Silo { get; init; } = "";
}
