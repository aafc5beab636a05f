using System.Text.RegularExpressions;

namespace Haq.Build.Tests.Builds;

/// <summary>What a person at a terminal sees of a build: the terminal logger, at normal verbosity, in a pseudo-terminal.</summary>
public sealed partial class TerminalTests(PackageFeed feed)
{
    [Fact]
    public void The_terminal_logger_shows_the_result_and_where_the_report_is_without_a_warning()
    {
        if (!PseudoTerminal.IsHere) Assert.Skip("there is no 'script' here to make a pseudo-terminal with");
        var work = new Workspace(feed);
        work.AddProject("App");
        work.AddModel("App/Models");
        string seen = Plain(PseudoTerminal.Run(work.PathOf("App"), work.Cache, "dotnet build -tl:on -warnaserror").Succeeded().Output);

        Assert.Matches(@"Haq succeeded .*→ tiny\.haq\.onnx: File .*Simulated on bismo-edge: .*Report: .*tiny\.haq\.report\.html", seen);
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

    // Without colours, links and the moves of the cursor; lines that were broken at the terminal's width are one again.
    private static string Plain(string output) => Escapes().Replace(output, "").Replace("\r", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();
}
