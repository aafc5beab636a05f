using Haq.Build.Reliability;
using Haq.Build.Tests.Builds;

namespace Haq.Build.Tests.Reliability;

/// <summary>A few of the trials that the benchmarks' <c>stale</c> and <c>faults</c> make by the thousand, with a fixed seed.</summary>
public sealed class ReliabilityTests(PackageFeed feed)
{
    [Fact]
    public void No_result_is_stale_after_a_random_walk_of_edits_and_builds()
    {
        using var walk = new StaleWalk(seed: 7, TextWriter.Null);
        walk.Run(40);
        Assert.Empty(walk.Stale);
        Assert.Equal(41, walk.Builds);
        Assert.InRange(walk.EngineStarts, 10, 41);
    }

    // Those that take a second or two each; the others are left to the benchmark.
    private static readonly string[] s_quick =
        ["kill the engine", "kill the asker", "disk full", "read error", "no locks", "growing data", "cache removed", "folder instead of a lock", "no temporary folder"];

    [Fact]
    public void Each_kind_of_fault_is_survived()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The faults are made with a shell and a preloaded library.");
        string folder = Directory.CreateTempSubdirectory("haq-shim").FullName;
        var trial = new FaultTrial(seed: 3, FaultTrial.CompileShim(Path.Combine(feed.RepositoryRoot, "eng", "faults", "shim.c"), folder));
        Assert.All(trial.Kinds.Intersect(s_quick), kind => Assert.Null(trial.Run(kind)));
        Directory.Delete(folder, recursive: true);
    }
}
