using System.Collections.Immutable;
using Haq.Cluster.Protocol;
using Haq.Engine.Pipeline.Parcels;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Haq.Cluster.Workers;

/// <summary>The worker of the silo that a call came to: a stateless grain is always where its caller's gateway is, without asking the rest of the cluster.</summary>
[StatelessWorker(1), Reentrant]
internal sealed class WorkerGrain(WorkerService service, ILocalSiloDetails silo) : Grain, IWorkerGrain
{
    private const int LongestWait = 5000;

    public Task<Greeting> Greet(WorkerIdentity client) => Task.FromResult(service.Greet(client));

    public Task<WorkerFigures> Tell() => Task.FromResult(service.Tell() with { Silo = silo.SiloAddress.ToParsableString() });

    public Task<SubjectState> Offer(Guid client, byte[] description) => service.OfferAsync(client, description);

    public Task<SubjectState?> Ask(Guid client, string digest) => service.AskAsync(client, digest);

    // Hashing and the disk take their time, and are nothing for the grain's turn.
    public Task<PartState> Give(Guid client, string digest, long length, long offset, byte[] bytes) => Task.Run(() => service.Give(client, new SubjectPart(digest, length), offset, bytes));

    public Task<bool> Submit(Guid client, WorkOrder order) => Task.FromResult(service.Submit(client, order));

    public Task Withdraw(Guid client, Guid order)
    {
        service.Withdraw(client, order);
        return Task.CompletedTask;
    }

    public Task<Collection> Collect(Guid client, ImmutableArray<Guid> received, int milliseconds) =>
        service.CollectAsync(client, received, TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, LongestWait)));
}
