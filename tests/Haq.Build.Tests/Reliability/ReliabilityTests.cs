using Haq.Build.Reliability;
using Haq.Build.Tests.Builds;

namespace Haq.Build.Tests.Reliability;

/// <summary>A few of the trials that the benchmarks' <c>stale</c> and <c>faults</c> make by the thousand, with a fixed seed.</summary>
public sealed class ReliabilityTests(PackageFeed feed)
{
    private const int Trials = 40;

    [Fact]
    public void No_result_is_stale_after_a_random_walk_of_edits_and_builds()
    {
        using var walk = new StaleWalk(seed: 7, TextWriter.Null);
        walk.Run(40);
        Assert.Empty(walk.Stale);
        Assert.Equal(41, walk.Builds);
        Assert.InRange(walk.EngineStarts, 10, 41);
    }

    [Fact]
    public void Forty_builds_into_which_something_goes_wrong_are_survived()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The faults are made with a shell and a preloaded library.");
        string folder = Directory.CreateTempSubdirectory("haq-shim").FullName;
        var trial = new FaultTrial(seed: 3, FaultShim.Compile(Path.Combine(feed.RepositoryRoot, "eng", "faults", "shim.c"), folder));
        var kinds = trial.Kinds;
        for (int i = 0; i < Trials; i++) Assert.Null(trial.Run(kinds[i % kinds.Count]) is { } wrong ? $"{kinds[i % kinds.Count]}, trial {i}: {wrong}" : null);
        // Most of them met their fault: a generator without force proves nothing.
        Assert.InRange(trial.Effective, Trials / 2, Trials);
        Directory.Delete(folder, recursive: true);
    }
}
