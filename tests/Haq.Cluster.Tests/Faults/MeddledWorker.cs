using System.Collections.Immutable;
using Haq.Cluster.Protocol;

namespace Haq.Cluster.Tests.Faults;

/// <summary>A worker whose messages come twice, or changed.</summary>
internal sealed class MeddledWorker(IWorkerGrain inner) : IWorkerGrain
{
    /// <summary>Every message comes so often.</summary>
    public int Times { get; init; } = 1;

    /// <summary>What becomes of an answer on its way.</summary>
    public Func<WorkAnswer, WorkAnswer> Changed { get; init; } = answer => answer;

    /// <summary>Told of every order.</summary>
    public Action<Guid>? Ordered { get; init; }

    public Task<Greeting> Greet(WorkerIdentity client) => Often(() => inner.Greet(client));

    public Task<WorkerFigures> Tell() => inner.Tell();

    public Task<SubjectState> Offer(Guid client, byte[] description) => Often(() => inner.Offer(client, description));

    public Task<SubjectState?> Ask(Guid client, string digest) => Often(() => inner.Ask(client, digest));

    public Task<PartState> Give(Guid client, string digest, long length, long offset, byte[] bytes) => Often(() => inner.Give(client, digest, length, offset, bytes));

    public Task<bool> Submit(Guid client, WorkOrder order)
    {
        Ordered?.Invoke(order.Id);
        return Often(() => inner.Submit(client, order));
    }

    public async Task Withdraw(Guid client, Guid order)
    {
        for (int i = 0; i < Times; i++) await inner.Withdraw(client, order);
    }

    // The answer to the first of several is kept: what the later ones say is the same, or nothing new.
    public async Task<Collection> Collect(Guid client, ImmutableArray<Guid> received, int milliseconds)
    {
        var first = await inner.Collect(client, received, milliseconds);
        for (int i = 1; i < Times; i++)
        {
            var again = await inner.Collect(client, received, 0);
            first = again with { Answers = [.. first.Answers, .. again.Answers] };
        }
        return first with { Answers = [.. first.Answers.Select(Changed)] };
    }

    private async Task<T> Often<T>(Func<Task<T>> call)
    {
        var answer = await call();
        for (int i = 1; i < Times; i++) answer = await call();
        return answer;
    }
}
