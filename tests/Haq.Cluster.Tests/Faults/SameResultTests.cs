namespace Haq.Cluster.Tests.Faults;

/// <summary>Real workers, killed, frozen, full and leaving: the files of a build are the same, byte by byte, and nothing hangs.</summary>
public sealed class SameResultTests : IAsyncLifetime
{
    private static readonly Lazy<Task<BuiltProject>> s_alone = new(AloneAsync);

    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static async Task<BuiltProject> AloneAsync()
    {
        await using var cluster = new TestCluster();
        return cluster.Build(withWorkers: false);
    }

    [Fact]
    public async Task One_two_and_five_workers_give_what_none_gives()
    {
        foreach (int more in (int[])[1, 1, 3])
        {
            _cluster.Start(more);
            var built = _cluster.Build();
            built.Is(await s_alone.Value);
            Assert.InRange(built.Pieces, 10, int.MaxValue);
        }
    }

    [Fact]
    public async Task A_worker_that_is_killed_at_work_loses_nothing()
    {
        var workers = _cluster.Start(2);
        _cluster.Build(onPiece: piece =>
        {
            if (piece == 6) workers[0].Kill();
        }).Is(await s_alone.Value);
    }

    [Fact]
    public async Task A_worker_that_stands_still_is_left_aside()
    {
        _cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "5";
        var workers = _cluster.Start(2);
        var built = _cluster.Build(onPiece: piece =>
        {
            if (piece == 6) workers[0].Stop();
        });
        built.Is(await s_alone.Value);
    }

    [Fact]
    public async Task Where_all_are_gone_the_client_does_the_work_and_says_so()
    {
        _cluster.Environment["HAQ_CLUSTER_WAIT"] = "1";
        var worker = _cluster.Start();
        var built = _cluster.Build(onPiece: piece =>
        {
            if (piece == 6) worker.Kill();
        });
        built.Is(await s_alone.Value);
        Assert.Contains(built.Warnings, w => w.Descriptor.Code == "HAQ1972");
    }

    [Fact]
    public async Task A_worker_that_comes_late_is_used_and_one_that_is_asked_to_end_hands_its_work_back()
    {
        var first = _cluster.Start();
        WorkerProcess? second = null;
        var built = await Task.Run(() => _cluster.Build(onPiece: piece =>
        {
            if (piece == 6) second = _cluster.Start();
            if (piece == 7) Assert.Equal(0, first.Terminate());
        }));
        built.Is(await s_alone.Value);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_worker_without_room_says_so_and_the_others_do_the_work()
    {
        var full = _cluster.Start("--cache-limit", "0.000002");
        _cluster.Start();
        var built = _cluster.Build();
        built.Is(await s_alone.Value);
        Assert.Contains("HAQ0972", full.Output, StringComparison.Ordinal);
        Assert.Contains(built.Warnings, w => w.Descriptor.Code == "HAQ1971" && w.Message.Contains("--cache-limit", StringComparison.Ordinal));
    }
}
