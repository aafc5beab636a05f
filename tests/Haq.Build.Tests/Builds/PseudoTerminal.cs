using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Haq.Build.Tests.Builds;

/// <summary>A command line in a pseudo-terminal that util-linux's <c>script</c> makes.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const string Program = "/usr/bin/script";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly Timer _patience;
    private readonly StringBuilder _seen = new();

    private PseudoTerminal(Process process)
    {
        _process = process;
        _patience = new Timer(_ => process.Kill(entireProcessTree: true), null, s_patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>There is one to be had.</summary>
    public static bool IsHere => OperatingSystem.IsLinux() && File.Exists(Program);

    /// <summary>Starts it, able to hear Ctrl-C, which what a test's own parents ignore would be ignored by what it starts.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="cache">The stage cache.</param>
    /// <param name="command">A program and its arguments, for the shell.</param>
    /// <param name="columns">The terminal's width.</param>
    public static PseudoTerminal Start(string folder, string cache, string command, int columns) => new(DotNet.Start(
        Program, folder, cache, ["-qec", $"stty cols {columns} rows 50; exec env --default-signal=INT {command}", "/dev/null"], [("TERM", "xterm-256color")]));

    /// <summary>Runs it to its end.</summary>
    public static DotNetResult Run(string folder, string cache, string command, int columns = 400)
    {
        using var terminal = Start(folder, cache, command, columns);
        terminal._process.StandardInput.Close();
        return terminal.Ended();
    }

    /// <summary>Without colours, links and the moves of the cursor.</summary>
    public static string Plain(string output) => Escapes().Replace(output, "");

    /// <summary>Reads until this has been seen.</summary>
    public void WaitFor(Regex what)
    {
        var buffer = new char[4096];
        while (!what.IsMatch(Plain(_seen.ToString())))
        {
            int read = _process.StandardOutput.Read(buffer);
            Assert.True(read > 0, $"it ended without {what}: {Plain(_seen.ToString())}");
            _seen.Append(buffer, 0, read);
        }
    }

    /// <summary>Presses Ctrl-C.</summary>
    public void Interrupt()
    {
        _process.StandardInput.Write('\x03');
        _process.StandardInput.Flush();
    }

    /// <summary>All that was seen until its end.</summary>
    public DotNetResult Ended()
    {
        _seen.Append(_process.StandardOutput.ReadToEnd());
        _process.WaitForExit();
        return new DotNetResult(_process.ExitCode, _seen.ToString());
    }

    public void Dispose()
    {
        _patience.Dispose();
        _process.Dispose();
    }

    [GeneratedRegex(@"\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();
}
