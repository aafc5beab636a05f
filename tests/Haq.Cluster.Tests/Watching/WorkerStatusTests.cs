using System.Text.Json;
using Haq.Cluster.Tests.Servers;

namespace Haq.Cluster.Tests.Watching;

/// <summary><c>haq worker status</c> of real workers.</summary>
public sealed class WorkerStatusTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Workers_are_listed_with_what_they_did_and_one_that_stands_still_is_named()
    {
        var workers = _cluster.Start(2);
        _cluster.Build();
        var (status, said, _) = await AskAsync("--json");
        Assert.Equal(0, status);
        using var document = JsonDocument.Parse(said);
        Assert.Equal("localhost", document.RootElement.GetProperty("cluster").GetString());
        var all = document.RootElement.GetProperty("workers").EnumerateArray().ToList();
        Assert.Equal(2, all.Count);
        Assert.All(all, w => Assert.True(w.GetProperty("answers").GetBoolean()));
        Assert.All(all, w => Assert.Equal(1, w.GetProperty("threads").GetInt32()));
        Assert.All(all, w => Assert.Equal(0, w.GetProperty("running").GetInt32()));
        Assert.InRange(all.Sum(w => w.GetProperty("batches").GetInt64()), 10, long.MaxValue);
        Assert.Contains(all, w => w.GetProperty("busy").GetDouble() > 0);

        workers[0].Stop();
        _cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "2";
        (status, said, _) = await AskAsync();
        Assert.Equal(0, status);
        Assert.Contains("does not answer within 2 s", said, StringComparison.Ordinal);
        Assert.Contains("1 worker, 1 thread", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_worker_that_answers_the_exit_status_is_1()
    {
        var (status, said, _) = await AskAsync();
        Assert.Equal(1, status);
        Assert.Contains("no worker", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_is_an_error_in_time()
    {
        _cluster.Environment["HAQ_CLUSTER_TIMEOUT"] = "2";
        var (status, _, error) = await RunAsync("worker", "status", "--cluster", $"redis://127.0.0.1:{ServerProcess.FreePort()}");
        Assert.NotEqual(0, status);
        Assert.Contains("HAQ0973", error, StringComparison.Ordinal);
    }

    private Task<(int Status, string Said, string Error)> AskAsync(params string[] more) => RunAsync(["worker", "status", "--cluster", "localhost", .. more]);

    private async Task<(int Status, string Said, string Error)> RunAsync(params string[] arguments)
    {
        using var process = WorkerProcess.Run(_cluster.Environment, arguments);
        var (said, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        return (process.ExitCode, await said, await error);
    }
}
