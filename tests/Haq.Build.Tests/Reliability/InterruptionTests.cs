using System.Diagnostics;
using System.Globalization;
using Haq.Build.Protocol;
using Haq.Build.Reliability;
using Haq.Build.Tests.Builds;
using Haq.Engine.Diagnostics;
using Haq.Tool.BuildHost;

namespace Haq.Build.Tests.Reliability;

/// <summary>Signals to a real process of the tool and of a build's engine: one lets it keep what it found, another ends it, and none makes it fail.</summary>
public sealed class InterruptionTests(PackageFeed feed) : IDisposable
{
    private const string NoSignals = "They are sent by a shell, and made to be heard by coreutils' env.";

    private readonly TrialProject _project = new(TrialProject.Endless);
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(3));
    private readonly List<Process> _started = [];

    public void Dispose()
    {
        _patience.Dispose();
        foreach (var process in _started) process.Dispose();
        _project.Dispose();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void One_signal_ends_a_search_which_says_what_is_kept(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NoSignals);
        var tool = Searching();
        Send(tool, signal);
        string rest = tool.StandardError.ReadToEnd();
        Assert.Equal(130, Ended(tool));
        Assert.Contains("haq: stopping, and keeping what is finished. Press Ctrl-C again to end at once.", rest, StringComparison.Ordinal);
        Assert.Contains($"haq: interrupted. What was finished is kept in '{_project.Cache}', and the same command goes on from there.", rest, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_signals_at_once_are_no_failure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NoSignals);
        var tool = Searching();
        Send(tool, "INT", "TERM", "INT", "TERM");
        string rest = tool.StandardError.ReadToEnd();
        Assert.Equal(130, Ended(tool));
        Assert.DoesNotContain("xception", rest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_signal_ends_what_does_not_stop()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NoSignals);
        string model = Path.Combine(feed.RepositoryRoot, "sample-app", "Models", "fashion", "fashion-mobilenet.onnx");
        // More than a pipe takes, and nobody reads it: the command stands in the middle of a line, where it hears of nothing.
        var tool = Start("simulate", model, "--hardware", "bismo-edge", "--all-bits", "--format", "csv");
        Assert.StartsWith("layer,", tool.StandardOutput.ReadLine(), StringComparison.Ordinal);
        Send(tool, "INT");
        Assert.StartsWith("haq: stopping", tool.StandardError.ReadLine(), StringComparison.Ordinal);
        Assert.False(tool.HasExited);
        while (!tool.WaitForExit(200)) Send(tool, "TERM");
        // Death by the signal itself would be 143.
        Assert.Equal(130, Ended(tool));
        Assert.Equal("", tool.StandardError.ReadToEnd());
    }

    [Fact]
    public void Signals_to_the_engine_of_a_build_are_no_failure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NoSignals);
        var request = _project.Request;
        Directory.CreateDirectory(request.ObjectDirectory);
        string file = Path.Combine(request.ObjectDirectory, BuildRequest.FilePrefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(file, request.Write());
        var engine = Start(BuildRequest.Verb, "@" + file);
        // By then it listens.
        while (!File.Exists(request.LockFile) && !engine.HasExited) Thread.Sleep(20);
        Send(engine, "TERM", "INT", "TERM");
        string said = engine.StandardOutput.ReadToEnd();
        Assert.Equal((int)ExitCode.Interrupted, Ended(engine));
        Assert.DoesNotContain("xception", said + engine.StandardError.ReadToEnd(), StringComparison.Ordinal);
        Assert.False(File.Exists(request.StateFile));
    }

    private Process Searching()
    {
        var tool = Start("search", _project["haq.yaml"]);
        string? line;
        do line = tool.StandardError.ReadLine();
        while (line is not null && !line.StartsWith("search", StringComparison.Ordinal));
        Assert.NotNull(line);
        return tool;
    }

    // What a test's own parents have told it to ignore would be ignored by what it starts.
    private Process Start(params string[] arguments)
    {
        string[] command = ["--default-signal=INT,TERM", "dotnet", "exec", typeof(BuildSession).Assembly.Location, .. arguments];
        var process = DotNet.Start("env", _project.Folder, _project.Cache, command, []);
        _started.Add(process);
        _patience.Token.Register(() => process.Kill(entireProcessTree: true));
        return process;
    }

    private static void Send(Process process, params string[] signals)
    {
        if (process.HasExited) return;
        using var shell = Process.Start("/bin/sh", ["-c", string.Join("; ", signals.Select(s => string.Create(CultureInfo.InvariantCulture, $"kill -{s} {process.Id}")))]);
        shell.WaitForExit();
    }

    private static int Ended(Process process)
    {
        process.WaitForExit();
        return process.ExitCode;
    }
}
