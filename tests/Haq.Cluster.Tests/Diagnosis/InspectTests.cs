using Haq.Cluster.Clients;
using Haq.Engine.Tests.Pipeline;

namespace Haq.Cluster.Tests.Diagnosis;

/// <summary><c>haq inspect haq.yaml</c> with real workers: which layers do the damage is the same, byte by byte, whoever measured it.</summary>
public sealed class InspectTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Layers_are_diagnosed_by_none_one_and_two_workers_with_the_same_figures()
    {
        using var project = new TinyProject();
        project.Open(TestCluster.Keys).Dispose();
        string alone = await InspectAsync(project, "off");
        Assert.Contains("givenBack", alone, StringComparison.OrdinalIgnoreCase);
        long before = 0;
        for (int workers = 1; workers <= 2; workers++)
        {
            _cluster.Start();
            Assert.Equal(alone, await InspectAsync(project, "localhost"));
            long done = (await WorkerRoll.CallAsync(_cluster.Settings, TestContext.Current.CancellationToken)).Sum(w => w.Figures!.Pieces);
            // Every layer back in floating point and alone, and its weights and input at two widths.
            Assert.InRange(done - before, 20, long.MaxValue);
            before = done;
        }
    }

    private async Task<string> InspectAsync(TinyProject project, string cluster)
    {
        using var process = WorkerProcess.Run(_cluster.Environment, ["inspect", project["haq.yaml"], "--bits", "4", "--widths", "2,4", "--json", "--cluster", cluster]);
        var (said, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        Assert.DoesNotContain("HAQ197", await error, StringComparison.Ordinal);
        return await said;
    }
}
