using System.Text.RegularExpressions;
using Haq.Benchmarks.Scale.Figures;
using Haq.Engine.Tests.Architecture;

namespace Haq.Engine.Tests.Benchmarks;

/// <summary>What docs/scale.md claims in tables is what the files in bench/results/scale hold, and the files agree with themselves.</summary>
public sealed partial class ScaleClaimsTests : IDisposable
{
    // The size that the targets are for.
    private const int Cluster = 64;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Results, "*.json").Order(StringComparer.Ordinal)];

    private static string Results => Path.Combine(Repository.Root, "bench", "results", "scale");

    [Theory, MemberData(nameof(Files))]
    public void The_page_has_every_part_of_the_file(string file)
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "scale.md")).ReplaceLineEndings("\n");
        var parts = ScaleResults.Read(file).Pages(Cluster);
        Assert.All(parts, part => Assert.Contains(part.TrimEnd('\n') + "\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_simulated_cluster_on_the_page_is_one_of_the_files()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "scale.md"));
        int rows = ClusterRow().Count(page);
        Assert.Equal(Directory.EnumerateFiles(Results, "*.json").Sum(f => ScaleResults.Read(f).Pages(Cluster).Sum(p => ClusterRow().Count(p))), rows);
        Assert.NotEqual(0, rows);
    }

    [Theory, MemberData(nameof(Files))]
    public void No_cluster_is_faster_than_its_workers_and_none_is_busier_than_always(string file)
    {
        foreach (var network in ScaleResults.Read(file).Networks)
        {
            foreach (var replay in network.Ideal.Concat(network.Real))
            {
                Assert.InRange(replay.Busy, 0, 1);
                Assert.InRange(replay.Probing, 0, 1);
                Assert.InRange(replay.Asked, 0, 1);
                Assert.Equal(replay.Seconds, replay.Phases.Sum(p => p.Seconds), 0.01);
                // What was asked for took one worker all its time: no more of it can be done in a second than there are workers, but for rounding.
                Assert.True(replay.Seconds * replay.Workers * replay.Busy * replay.Asked >= 0.95 * network.CoreSeconds * network.Ideal[0].Asked, $"{network.Network} on {replay.Workers}");
            }
            Assert.Equal(network.Ideal.Select(r => r.Workers), network.Real.Select(r => r.Workers));
            Assert.All(network.Ideal.Zip(network.Real), p => Assert.True(p.First.Workers > 1 || p.First.Seconds <= p.Second.Seconds));
        }
    }

    [Fact]
    public void A_file_keeps_what_is_not_measured_again()
    {
        string file = Path.Combine(_folder.Path, "scale", "p.json");
        var of = new ScaleResults("P", "avx2", 2, "alone");
        var workers = new WorkerFigures("n", 3, [2, 4], [1, 4], [2, 2]);
        (of with { Workers = workers, Networks = [Network("a", 1), Network("b", 1)] }).Write(file);
        (of with { Networks = [Network("b", 2)] }).Write(file);
        var read = ScaleResults.Read(file);
        Assert.Equal(["a", "b"], read.Networks.Select(n => n.Network));
        Assert.Equal([1, 2], read.Networks.Select(n => n.CoreSeconds));
        Assert.Equal([2.0, 1.0], read.Workers!.OfAlone);
        Assert.Equal(workers.Page(), read.Workers.Page());
        Assert.Null(read.Overhead);
    }

    public void Dispose() => _folder.Dispose();

    private static NetworkFigures Network(string name, double seconds) => new(name, 1, 1, seconds, 0, [], []);

    // A row of a table that begins with a number of workers.
    [GeneratedRegex(@"^\| [0-9]+ \|", RegexOptions.Multiline)]
    private static partial Regex ClusterRow();
}
