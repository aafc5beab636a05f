using System.Globalization;
using System.Text.RegularExpressions;
using Haq.Benchmarks.Steps.Figures;

namespace Haq.Engine.Tests.Benchmarks;

/// <summary>What docs/benchmarks.md claims of training steps is what the files in bench/results/steps hold, and nothing else.</summary>
public sealed partial class StepClaimsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_page_has_the_part_of_every_file_and_no_other_table()
    {
        string root = Root(), page = Section(File.ReadAllText(Path.Combine(root, "docs", "benchmarks.md")).ReplaceLineEndings("\n"));
        StepResults[] all = [.. Directory.EnumerateFiles(Path.Combine(root, "bench", "results", "steps"), "*.json").Order(StringComparer.Ordinal).Select(StepResults.Read)];
        Assert.NotEmpty(all);
        foreach (var results in all)
        {
            Assert.NotEmpty(results.Processor);
            Assert.Contains(results.Page(), page, StringComparison.Ordinal);
        }
        Assert.Equal(all.Sum(r => r.Steps.Count), TableRow().Count(page));
    }

    [Fact]
    public void Ratios_follow_from_the_times_beside_them()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Root(), "bench", "results", "steps"), "*.json"))
        {
            foreach (var step in StepResults.Read(file).Steps)
            {
                if (step.Engine is not { } engine || step.PyTorch is not { } torch) continue;
                Assert.InRange(step.Ratio!.Value, step.LeastRatio!.Value, step.GreatestRatio!.Value);
                Assert.True(engine.Fastest <= engine.Least && engine.Least <= engine.Median && engine.Median <= engine.Greatest, step.Step);
                // No round's ratio can leave what the extremes allow; half of the last printed digit for rounding.
                Assert.InRange(step.Ratio.Value, engine.Least / torch.Greatest - 6e-4, engine.Greatest / torch.Least + 6e-4);
            }
        }
    }

    [Fact]
    public void A_file_keeps_the_steps_that_are_not_measured_again()
    {
        string file = Path.Combine(_folder.Path, "steps", "p.json");
        var of = new StepResults("P", "avx2", 2, "alone");
        var times = StepTimes.Of([(3, 2.5), (1, 0.75), (2, 1.5)]);
        Assert.Equal(new StepTimes(2, 1, 3, 0.75), times);
        (of with { Steps = [new StepFigure("a", 0.5) { Engine = times }, new StepFigure("b", 0.25)] }).Write(file);
        (of with { Steps = [new StepFigure("b", 0.75)] }).Write(file);
        var read = StepResults.Read(file);
        Assert.Equal(["a", "b"], read.Steps.Select(s => s.Step));
        Assert.Equal(times, read.Steps[0].Engine);
        Assert.Equal(0.75, read.Steps[1].Ratio);
        Assert.Equal("| b |  |  |  | 0.75 |  |  |", read.Steps[1].Row());
        Assert.Equal(["p.json"], Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Dispose();

    private static string Section(string page)
    {
        int from = page.IndexOf("## Training steps against PyTorch\n", StringComparison.Ordinal);
        Assert.True(from >= 0);
        int to = page.IndexOf("\n## ", from + 3, StringComparison.Ordinal);
        return page[from..to];
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Haq.Build.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"no solution above {AppContext.BaseDirectory}"));
    }

    [GeneratedRegex(@"^\| (MobileNet|ResNet|DDPG)", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
