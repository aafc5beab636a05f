using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary>What helps a person along: help, examples, suggestions, explanations, and all errors at once.</summary>
[Collection(CommandCollection.Name)]
public sealed class HelpCommandTests(CommandFixture fixture)
{
    [Fact]
    public void Haq_alone_prints_its_help()
    {
        string help = ToolRun.Of().Succeeded();
        Assert.Contains("quantize", help, StringComparison.Ordinal);
        Assert.Equal(help, ToolRun.Of("--help").Succeeded());
    }

    [Theory]
    [InlineData("quantise", "Did you mean 'haq quantize'?")]
    [InlineData("serach", "Did you mean 'haq search'?")]
    [InlineData("frobnicate", "There are inspect, init, ")]
    public void A_command_that_is_misspelt_is_suggested(string given, string next)
    {
        var run = ToolRun.Of(given);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.StartsWith($"haq: there is no command '{given}'. {next}", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("search")]
    [InlineData("init")]
    [InlineData("check")]
    [InlineData("evaluate")]
    public void Examples_are_printed_when_asked_for_and_keep_out_of_the_help(string command)
    {
        string[] examples = ToolRun.Of(command, "--examples").Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.NotEmpty(examples);
        Assert.All(examples, e => Assert.StartsWith($"haq {command}", e, StringComparison.Ordinal));
        string help = ToolRun.Of(command, "--help").Succeeded();
        Assert.Contains("--examples", help, StringComparison.Ordinal);
        Assert.All(examples, e => Assert.DoesNotContain(e, help, StringComparison.Ordinal));
    }

    [Fact]
    public void Explain_prints_the_page_of_a_code()
    {
        string page = ToolRun.Of("explain", "HAQ0203").Succeeded();
        Assert.StartsWith("# HAQ0203: ", page, StringComparison.Ordinal);
        Assert.Equal(page, ToolRun.Of("explain", "203").Succeeded());
        ToolRun.Of("explain", "HAQ0999").Failed(ExitCode.Usage, "HAQ0004");
        string all = ToolRun.Of("explain").Succeeded();
        Assert.All(DiagnosticCatalog.All, d => Assert.Contains(d.Code, all, StringComparison.Ordinal));
        Assert.All(DiagnosticCatalog.All, d => Assert.StartsWith($"# {d.Code}: ", ToolRun.Of("explain", d.Code).Succeeded(), StringComparison.Ordinal));
    }

    [Fact]
    public void One_run_tells_everything_that_is_wrong_with_a_manifest()
    {
        string folder = fixture.NewFolder("wrong", "modle: tiny.onnx\nhardware: bismo-edge\nbudget: {latency: fast, siez: 1 MB}\nsearch: {samples: 0}\ndata: {evaluation: images.npy}\n");
        var run = ToolRun.Of("quantize", folder);
        Assert.Equal(ExitCode.Usage, run.Exit);
        string[] errors = [.. run.Error.Split('\n').Where(line => line.Contains(": error HAQ", StringComparison.Ordinal))];
        Assert.Equal([1, 1, 3, 3, 4], errors.Select(e => int.Parse(e.Split("haq.yaml(")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Contains("Did you mean 'model'?", run.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'size'?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_budget_or_target_is_tried_without_touching_the_lock_file()
    {
        string lockFile = Path.Combine(fixture.Built, "haq.lock.json"), before = File.ReadAllText(lockFile), output = fixture.NewFolder("tried");
        double asked = ToolRun.Of("quantize", fixture.Built, "--budget", "latency: 1x", "--output", output, "--json").Json().GetProperty("cost").GetProperty("latencyMs").GetDouble();
        double own = ToolRun.Of("quantize", fixture.Built, "--output", output, "--json").Json().GetProperty("cost").GetProperty("latencyMs").GetDouble();
        Assert.True(asked > own);
        Assert.Equal("bitfusion", ToolRun.Of("quantize", fixture.Built, "--hardware", "bitfusion", "--budget", "latency: 1x", "--output", output, "--json").Json().GetProperty("hardware").GetProperty("name").GetString());
        Assert.Equal(before, File.ReadAllText(lockFile));
        ToolRun.Of("quantize", fixture.Built, "--budget", "latency: fast").Failed(ExitCode.Usage, "HAQ0004");
        ToolRun.Of("evaluate", fixture.Built, "--hardware", "bitfusion", "--budget", "latency=1x", "--json").Succeeded();
    }

    [Fact]
    public void Check_builds_nothing_and_writes_its_logs_whatever_comes_of_it()
    {
        string folder = fixture.NewFolder("unlocked"), sarif = Path.Combine(folder, "a.sarif"), junit = Path.Combine(folder, "a.xml"), markdown = Path.Combine(folder, "a.md");
        var unlocked = ToolRun.Of("check", folder, "--sarif", sarif, "--junit", junit, "--markdown", markdown);
        Assert.Equal(ExitCode.CheckFailed, unlocked.Exit);
        Assert.All(new[] { sarif, junit, markdown }, file => Assert.Contains("HAQ0804", File.ReadAllText(file), StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(folder, "*.haq.*"));
        Assert.DoesNotContain(folder, File.ReadAllText(sarif), StringComparison.Ordinal);

        Assert.Contains("passed", ToolRun.Of("check", folder, "--build").Succeeded(), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "haq.yaml"), CommandFixture.Manifest.Replace("0.95x", "0.9x", StringComparison.Ordinal));
        Assert.Equal(ExitCode.CheckFailed, ToolRun.Of("check", folder, "--sarif", sarif).Exit);
        Assert.Contains("HAQ0803", File.ReadAllText(sarif), StringComparison.Ordinal);
    }
}
