using Haq.Engine.Diagnostics;
using Haq.Tool;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq report</c>, <c>diff</c>, <c>cache</c> and the root command: what reads what others left.</summary>
[Collection(CommandCollection.Name)]
public sealed class ReadingCommandTests(CommandFixture fixture)
{
    [Fact]
    public void Report_says_what_a_build_gained()
    {
        string text = ToolRun.Of("report", fixture.Built).Succeeded();
        Assert.Contains("tiny.onnx for bismo-edge", text, StringComparison.Ordinal);
        Assert.Contains("classifier", text, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(fixture.Report), ToolRun.Of("report", fixture.Report, "--json").Succeeded());
        Assert.StartsWith("#", ToolRun.Of("report", fixture.Report, "--markdown").Succeeded(), StringComparison.Ordinal);

        string page = Path.Combine(fixture.NewFolder("report"), "again.html");
        ToolRun.Of("report", fixture.Report, "--html", page).Succeeded();
        Assert.Equal(File.ReadAllText(Path.ChangeExtension(fixture.Report, ".html")), File.ReadAllText(page));

        ToolRun.Of("report", Path.GetDirectoryName(page)!).Failed(ExitCode.Usage, "HAQ0901");
        string broken = Path.Combine(Path.GetDirectoryName(page)!, "broken.haq.report.json");
        File.WriteAllText(broken, "{");
        ToolRun.Of("report", broken).Failed(ExitCode.Usage, "HAQ0901");
    }

    [Fact]
    public void A_full_report_measures_what_the_build_left_out()
    {
        string folder = fixture.NewFolder("full report");
        string text = ToolRun.Of("report", folder, "--full").Succeeded();
        Assert.Contains("tiny.onnx for bismo-edge", text, StringComparison.Ordinal);
        string report = Path.Combine(folder, "tiny.haq.report.json");
        string full = File.ReadAllText(report);
        Assert.DoesNotContain("\"notMeasured\"", full, StringComparison.Ordinal);
        Assert.Contains("\"givenBack\"", full, StringComparison.Ordinal);
        // Later builds keep it.
        ToolRun.Of("quantize", folder).Succeeded();
        Assert.Equal(full, File.ReadAllText(report));
        ToolRun.Of("report", Path.Combine(folder, "other.yaml"), "--full").Failed(ExitCode.Usage, "HAQ0006");
    }

    [Fact]
    public void Diff_tells_changed_layers_from_unchanged_ones()
    {
        Assert.Equal("The reports say the same.", ToolRun.Of("diff", fixture.Report, fixture.Report).Succeeded().TrimEnd());

        string other = fixture.NewFolder("diff", CommandFixture.Manifest.Replace("0.95x", "1x", StringComparison.Ordinal));
        ToolRun.Of("quantize", other).Succeeded();
        Assert.Contains("latency", ToolRun.Of("diff", fixture.Report, other).Succeeded(), StringComparison.Ordinal);
        var layers = ToolRun.Of("diff", fixture.Report, other, "--json").Json().GetProperty("layers");
        Assert.Equal(3, layers.GetArrayLength());

        ToolRun.Of("diff", fixture.Report, Path.Combine(other, "none")).Failed(ExitCode.Usage, "HAQ0901");
        ToolRun.Of("diff", fixture.Report).Misused("diff", "Required argument 'NEW' missing");
    }

    [Fact]
    public void Cache_says_what_it_holds_and_keeps_what_is_allowed()
    {
        var json = ToolRun.Of("cache", "info", "--json").Json();
        Assert.Equal(Environment.GetEnvironmentVariable("HAQ_CACHE"), json.GetProperty("root").GetString());
        Assert.True(json.GetProperty("stages").EnumerateArray().Sum(s => s.GetProperty("bytes").GetInt64()) > 0);
        Assert.Contains("total", ToolRun.Of("cache", "info").Succeeded(), StringComparison.Ordinal);
        Assert.Equal("removed 0 entries, 0.0 MB", ToolRun.Of("cache", "prune").Succeeded().TrimEnd());

        ToolRun.Of("cache", "prune", "--keep", "much").Misused("cache prune", "much");
        ToolRun.Of("cache").Misused("cache", "Required command");
    }

    [Fact]
    public void Help_lists_every_command_and_a_misspelt_one_gets_advice()
    {
        string help = ToolRun.Of("--help").Succeeded();
        string[] commands = ["inspect", "init", "quantize", "search", "compare", "evaluate", "finetune", "check", "hardware", "target", "export", "simulate", "list", "report", "diff", "cache", "schema", "explain"];
        Assert.All(commands, command => Assert.Contains($"\n  {command} ", help, StringComparison.Ordinal));
        Assert.All(commands, command => Assert.Contains($"{CommandList.Root().Name} {command}", ToolRun.Of(command, "--help").Succeeded(), StringComparison.Ordinal));

        var misspelt = ToolRun.Of("quantise");
        Assert.Equal(ExitCode.Usage, misspelt.Exit);
        Assert.Contains("quantise", misspelt.Error, StringComparison.Ordinal);
    }
}
