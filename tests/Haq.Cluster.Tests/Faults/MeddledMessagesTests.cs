using System.Collections.Concurrent;
using Haq.Cluster.Clients;
using Haq.Cluster.Protocol;

namespace Haq.Cluster.Tests.Faults;

/// <summary>Messages between the client and real workers that come twice or say something else: nothing is scored twice, and nothing wrong is taken.</summary>
public sealed class MeddledMessagesTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task What_comes_twice_is_done_once()
    {
        var alone = _cluster.Build(withWorkers: false);
        _cluster.Start(2);
        var orders = new ConcurrentDictionary<Guid, bool>();
        _cluster.Build(through: worker => new MeddledWorker(worker) { Times = 2, Ordered = id => orders[id] = true }).Is(alone);
        Assert.InRange(orders.Count, 10, int.MaxValue);
        var workers = await WorkerRoll.CallAsync(_cluster.Settings, TestContext.Current.CancellationToken);
        Assert.InRange(workers.Sum(w => w.Figures!.Pieces), 1, orders.Count);
        Assert.All(workers, w => Assert.Equal((0, 0), (w.Figures!.Queued, w.Figures.Running)));
    }

    public static TheoryData<string> Poisons => ["subject", "policy", "batches", "cut", "samples"];

    [Theory]
    [MemberData(nameof(Poisons))]
    public void Answers_of_one_worker_that_are_poisoned_are_refused_and_the_other_one_does_the_work(string poison)
    {
        var alone = _cluster.Build(withWorkers: false);
        _cluster.Start(2);
        int workers = 0;
        var built = _cluster.Build(through: worker => Interlocked.Increment(ref workers) == 1 ? new MeddledWorker(worker) { Changed = answer => Poisoned(answer, poison) } : worker);
        built.Is(alone);
        Assert.Contains(built.Warnings, w => w.Descriptor.Code == "HAQ1971" && w.Message.Contains("was refused", StringComparison.Ordinal));
    }

    private static WorkAnswer Poisoned(WorkAnswer answer, string how)
    {
        if (answer.Outcome != WorkOutcome.Done) return answer;
        return how switch
        {
            "subject" => answer with { Subject = new string('b', 64) },
            "policy" => answer with { Policy = new string('c', 64) },
            "batches" => answer with { Batches = [.. answer.Batches.Select(b => b + 1)] },
            "cut" => answer with { Scores = answer.Scores[..^1] },
            // Of a network on other samples: the float model's output there has another power.
            _ => answer with { Scores = ScoreCodec.Write([.. ScoreCodec.Read(answer.Scores).Select(s => s with { Signal = 2 * s.Signal + 1 })]) },
        };
    }
}
