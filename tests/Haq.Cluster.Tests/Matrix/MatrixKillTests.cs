namespace Haq.Cluster.Tests.Matrix;

/// <summary>A matrix whose processes are killed in the middle, and started again: its files are those of a build in peace.</summary>
public sealed class MatrixKillTests
{
    private const int Manifests = 4;

    private const string NoSignals = "Processes are killed and ended by signals.";

    [Fact]
    public void A_client_that_is_killed_again_and_again_leaves_the_files_of_one_left_in_peace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), NoSignals);
        var result = new MatrixTrial(Manifests, kills: 4, workers: 0, seed: 1).Run();
        Assert.Empty(result.Differences);
        Assert.InRange(result.ClientsKilled, 2, 4);
    }

    [Fact]
    public void So_do_clients_and_workers_that_are_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), NoSignals);
        var result = new MatrixTrial(Manifests, kills: 5, workers: 2, seed: 2).Run();
        Assert.Empty(result.Differences);
        Assert.InRange(result.ClientsKilled, 1, 5);
        Assert.InRange(result.WorkersKilled, 1, 5);
        Assert.InRange(result.Pieces, 1, int.MaxValue);
    }
}
