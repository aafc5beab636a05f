using System.Text.RegularExpressions;
using Haq.Build.Reliability;
using Haq.Tool.BuildHost;

namespace Haq.Build.Tests.Builds;

/// <summary>What a person at a terminal sees of a build: the terminal logger, at normal verbosity, in a pseudo-terminal.</summary>
public sealed partial class TerminalTests(PackageFeed feed)
{
    private const string NoTerminal = "there is no 'script' here to make a pseudo-terminal with";

    [Fact]
    public void The_terminal_logger_shows_the_result_and_where_the_report_is_without_a_warning()
    {
        if (!PseudoTerminal.IsHere) Assert.Skip(NoTerminal);
        var work = new Workspace(feed);
        work.AddProject("App");
        work.AddModel("App/Models");
        string seen = Plain(PseudoTerminal.Run(work.PathOf("App"), work.Cache, "dotnet build -tl:on -warnaserror").Succeeded().Output);

        Assert.Matches(@"Haq succeeded .*→ tiny\.haq\.onnx: File .*Simulated on bismo-edge \(latencies ± .*\): .*Report: .*tiny\.haq\.report\.html", seen);
        Assert.Contains("App.dll", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", seen, StringComparison.OrdinalIgnoreCase);

        Assert.DoesNotContain("Haq succeeded", Plain(PseudoTerminal.Run(work.PathOf("App"), work.Cache, "dotnet build -tl:on").Succeeded().Output), StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_build_that_is_isolated_says_it_as_messages()
    {
        var work = new Workspace(feed);
        work.AddProject("App");
        work.AddModel("App/Models");
        Assert.Contains("  Haq: tiny.haq.onnx: File ", work.Build("App", "-graph", "-isolate").Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(50)]
    public void A_search_says_how_long_it_takes_and_Ctrl_C_what_is_kept(int columns)
    {
        if (!PseudoTerminal.IsHere) Assert.Skip(NoTerminal);
        using var project = new TrialProject(TrialProject.Endless);
        using var terminal = PseudoTerminal.Start(project.Folder, project.Cache, $"dotnet exec '{typeof(BuildSession).Assembly.Location}' search", columns);
        terminal.WaitFor(TimeLeft());
        terminal.Interrupt();
        var ended = terminal.Ended();

        Assert.Equal(130, ended.ExitCode);
        string seen = PseudoTerminal.Plain(ended.Output);
        // The terminal itself shows the key.
        string[] progress = [.. seen.Replace("^C", "", StringComparison.Ordinal).Split('\r', '\n').Where(line => line.StartsWith("search ", StringComparison.Ordinal))];
        Assert.Contains(progress, line => TimeLeft().IsMatch(line));
        // In the last column a terminal may already begin a new line.
        Assert.All(progress, line => Assert.InRange(line.TrimEnd().Length, 1, columns - 1));
        Assert.Contains("haq: stopping, and keeping what is finished. Press Ctrl-C again to end at once.", seen, StringComparison.Ordinal);
        Assert.Contains($"haq: interrupted. What was finished is kept in '{project.Cache}', and the same command goes on from there.", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(50)]
    public void A_build_with_the_terminal_logger_says_how_long_it_takes_and_Ctrl_C_what_is_kept(int columns)
    {
        if (!PseudoTerminal.IsHere) Assert.Skip(NoTerminal);
        var work = new Workspace(feed);
        work.AddProject("App");
        work.AddModel("App/Models", TrialProject.Endless);
        using var terminal = PseudoTerminal.Start(work.PathOf("App"), work.Cache, "dotnet build -tl:on", columns);
        terminal.WaitFor(TimeLeft());
        terminal.Interrupt();
        var ended = terminal.Ended();

        Assert.NotEqual(0, ended.ExitCode);
        string seen = Plain(ended.Output);
        Assert.Contains("haq.yaml : warning HAQ1924: stopped. What was found so far is kept, and the next build goes on from there.", seen, StringComparison.Ordinal);
        // Nothing of MSBuild's own about a tool that had to be killed or gave no reason.
        Assert.DoesNotContain("MSB", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("error", seen, StringComparison.Ordinal);
    }

    // Lines that were broken at the terminal's width are one again.
    private static string Plain(string output) => PseudoTerminal.Plain(output).Replace("\r", "", StringComparison.Ordinal);

    [GeneratedRegex(@"search +\d+ %, (\d+ (s|min|h) )+left")]
    private static partial Regex TimeLeft();
}
