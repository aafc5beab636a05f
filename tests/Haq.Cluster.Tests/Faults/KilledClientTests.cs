using System.Diagnostics;
using Haq.Engine.Tests.Pipeline;

namespace Haq.Cluster.Tests.Faults;

/// <summary>A real <c>haq quantize</c> on workers, killed in the middle of its search: the next one goes on from the journal, and writes the bytes of one that nobody disturbed.</summary>
public sealed class KilledClientTests : IAsyncLifetime
{
    // Bytes of a journal with some scores in it; whoever writes it lets nobody read it.
    private const long SomeScores = 2000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static readonly string[] s_outputs = [".onnx", "policy.json", "haq.lock.json"];

    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_search_of_a_killed_client_goes_on_with_workers_and_gives_the_same_bytes()
    {
        using var undisturbed = new TinyProject();
        undisturbed.Open(TestCluster.Keys).Dispose();
        await RunAsync(undisturbed, new Dictionary<string, string>(StringComparer.Ordinal) { ["HAQ_CACHE"] = _cluster["alone"] });

        using var killed = new TinyProject();
        killed.Open(TestCluster.Keys).Dispose();
        _cluster.Start(2);
        string journal;
        using (var client = Begin(killed, _cluster.Environment))
        {
            journal = await JournalAsync(client);
            client.Kill();
            await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.False(File.Exists(killed["haq.lock.json"]), "the client had finished before it was killed");
        string[] known = await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken);
        Assert.InRange(known.Length, 3, int.MaxValue);

        await RunAsync(killed, _cluster.Environment);
        Assert.Equal(Outputs(undisturbed), Outputs(killed));
        // What was measured before stands where it stood: nothing of it was asked for again.
        string[] after = await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken);
        Assert.Equal(known[..^1], after[..(known.Length - 1)]);
        Assert.Equal(after.Length, after.Distinct(StringComparer.Ordinal).Count());
    }

    // By name; the network is the input.
    private static SortedDictionary<string, string> Outputs(TinyProject project) => new(
        Directory.EnumerateFiles(Path.GetDirectoryName(project["haq.yaml"])!, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "tiny.onnx" && s_outputs.Any(end => f.EndsWith(end, StringComparison.Ordinal)))
            .ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))), StringComparer.Ordinal);

    private static Process Begin(TinyProject project, Dictionary<string, string> environment) =>
        WorkerProcess.Run(environment, ["quantize", project["haq.yaml"], .. environment.ContainsKey("HAQ_CLUSTER_WAIT") ? (string[])["--cluster", "localhost"] : []]);

    private static async Task RunAsync(TinyProject project, Dictionary<string, string> environment)
    {
        using var client = Begin(project, environment);
        var (said, error) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        await client.WaitForExitAsync().WaitAsync(s_patience);
        Assert.True(client.ExitCode == 0, $"haq quantize ended with {client.ExitCode}: {await error}{await said}");
        Assert.DoesNotContain("HAQ1972", await error, StringComparison.Ordinal);
    }

    private async Task<string> JournalAsync(Process client)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < s_patience; await Task.Delay(5))
        {
            string? journal = Directory.Exists(_cluster["stages"]) ? Directory.EnumerateFiles(_cluster["stages"], "scores.jsonl", SearchOption.AllDirectories).FirstOrDefault() : null;
            if (journal is not null && new FileInfo(journal).Length >= SomeScores) return journal;
            if (!client.HasExited) continue;
            string error = await client.StandardError.ReadToEndAsync();
            Assert.Fail($"the client ended before it was killed: {error}");
        }
        throw new TimeoutException("no journal came");
    }
}
