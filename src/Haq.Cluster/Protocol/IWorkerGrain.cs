using System.Collections.Immutable;

namespace Haq.Cluster.Protocol;

/// <summary>
/// A worker as its clients see it. Every call is short, and may be made again: what was done before is not done twice. Clients speak to each worker through its own gateway, so that one that
/// hangs delays nobody else.
/// </summary>
[Alias("haq.worker")]
internal interface IWorkerGrain : IGrainWithIntegerKey
{
    /// <summary>Who is there, and whether it will work for this client.</summary>
    [Alias("greet")]
    Task<Greeting> Greet(WorkerIdentity client);

    /// <summary>How it is now. Whoever is a member may ask, of any version.</summary>
    [Alias("tell")]
    Task<WorkerFigures> Tell();

    /// <summary>Names a subject. The worker fetches what it can by itself, and opens it when all is there.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="description">The bytes that name the parts.</param>
    [Alias("offer")]
    Task<SubjectState> Offer(Guid client, byte[] description);

    /// <summary>How far it is with a subject that was named before; null where it does not know it, or no longer.</summary>
    [Alias("ask")]
    Task<SubjectState?> Ask(Guid client, string digest);

    /// <summary>Hands over bytes of a part.</summary>
    /// <returns>The offset that is wanted next; the part's length where it is complete.</returns>
    [Alias("give")]
    Task<PartState> Give(Guid client, string digest, long length, long offset, byte[] bytes);

    /// <summary>Hands over work.</summary>
    [Alias("submit")]
    Task<bool> Submit(Guid client, WorkOrder order);

    /// <summary>Takes work back that nobody needs any more.</summary>
    [Alias("withdraw")]
    Task Withdraw(Guid client, Guid order);

    /// <summary>Waits for answers a short time; without any it says how the worker is. An answer is kept until it is named as received.</summary>
    [Alias("collect")]
    Task<Collection> Collect(Guid client, ImmutableArray<Guid> received, int milliseconds);
}
