using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Haq.Build.Tests.Builds;

/// <summary>The workflows of docs/ci.md: their shell steps, as they are written there, in the order that they stand in.</summary>
public sealed partial class WorkflowTests(PackageFeed feed)
{
    private const string Shell = "/bin/sh";

    [Fact]
    public async Task The_steps_of_both_workflows_work_and_leave_what_the_others_upload()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The steps are of a POSIX shell.");
        var workflows = Workflows();
        Assert.Equal(["GitHub Actions", "Azure Pipelines"], workflows.Select(w => w.Name));
        var work = new Workspace(feed);
        work.AddProject("app", output: "Exe");
        work.AddModel("app/Models");
        // What is committed: the project, the manifest, and the lock file that a first build writes.
        work.Build("app").Succeeded();
        // In place of the restored tool, which packing would take minutes for, the same program.
        string bin = work.PathOf("bin");
        Directory.CreateDirectory(bin);
        string tool = Path.Combine(AppContext.BaseDirectory, "haq.dll");
        work.Write("bin/dotnet", $"""
            #!{Shell}
            case "$1 $2" in "tool restore") exit 0;; "haq "*) shift; exec {Real()} exec '{tool}' "$@";; *) exec {Real()} "$@";; esac
            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(bin, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        foreach (var (name, steps) in workflows)
        {
            Assert.Equal(4, steps.Length);
            string summary = work.PathOf("summary.md");
            foreach (string step in steps)
            {
                using var process = DotNet.Start(Shell, work.PathOf("app"), work.Cache, ["-ec", step], [("PATH", $"{bin}:{Environment.GetEnvironmentVariable("PATH")}"), ("GITHUB_STEP_SUMMARY", summary)]);
                var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(process.ExitCode == 0, $"{name}: {step}\n{output}");
                if (step.Contains("vso", StringComparison.Ordinal)) Assert.Contains($"##vso[task.uploadsummary]{work.PathOf("app", "haq.md")}", output, StringComparison.Ordinal);
            }
            foreach (string report in (string[])["haq.sarif", "haq.xml", "haq.md"])
            {
                Assert.True(new FileInfo(work.PathOf("app", report)).Length > 100, $"{name}: {report}");
                File.Delete(work.PathOf("app", report));
            }
            Assert.True(work.Has("app", "bin", "Release", "net10.0", "Models", "tiny.haq.onnx"));
            if (name.StartsWith("GitHub", StringComparison.Ordinal)) Assert.Contains("tiny", File.ReadAllText(summary), StringComparison.Ordinal);
        }

        // The lock file is out of date: the build says so, and the check, which runs all the same, writes its files.
        work.Write("app/Models/haq.yaml", TinyModel.Manifest.Replace("weights: 4", "weights: 6", StringComparison.Ordinal));
        Assert.Contains("HAQ0803", work.Run("app", "build", "-c", "Release", "-p:HaqLocked=true").Failed().Output, StringComparison.Ordinal);
    }

    private List<(string Name, string[] Steps)> Workflows()
    {
        string text = File.ReadAllText(Path.Combine(feed.RepositoryRoot, "docs", "ci.md")).ReplaceLineEndings("\n");
        var found = new List<(string, string[])>();
        foreach (Match match in Blocks().Matches(text))
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(match.Groups[2].Value));
            var root = (YamlMappingNode)stream.Documents[0].RootNode;
            var job = root.Children.TryGetValue("jobs", out var jobs) ? ((YamlMappingNode)jobs).Children.Values.OfType<YamlMappingNode>().First() : root;
            found.Add((match.Groups[1].Value, [.. ((YamlSequenceNode)job.Children["steps"]).OfType<YamlMappingNode>()
                .Select(step => step.Children.TryGetValue("run", out var run) || step.Children.TryGetValue("script", out run) ? run.ToString() : "").Where(s => s.Length > 0)]));
        }
        return found;
    }

    private static string Real() => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);

    [GeneratedRegex(@"^## ([^\n]+)\n\n```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
