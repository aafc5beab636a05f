using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Evaluation.Devices;

/// <summary>A command line that the system's shell runs; what it printed, and how it ended.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">The end of standard error.</param>
/// <param name="TimedOut">It was ended because it took too long.</param>
public sealed record ShellRun(int Status, string Output, string Error, bool TimedOut)
{
    private const int KeptErrors = 4000;

    /// <summary>Runs a command line to its end.</summary>
    /// <param name="line">For <c>sh</c>, or <c>cmd</c> on Windows.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="input">Writes what it reads; null for nothing.</param>
    /// <param name="onLine">Told each line of standard output as it comes.</param>
    /// <param name="cancellation">Ends it, and everything that it started.</param>
    /// <exception cref="HaqException">There is no shell (HAQ0235).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ShellRun Of(string line, TimeSpan timeout, Action<Stream>? input = null, Action<string>? onLine = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        using var process = Start(line);
        var (output, error) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is not { } text) return;
            output.Append(text).Append('\n');
            onLine?.Invoke(text);
        };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is not { } text) return;
            error.Append(text).Append('\n');
            if (error.Length > 2 * KeptErrors) error.Remove(0, error.Length - KeptErrors);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        using var ending = limit.Token.Register(() => End(process));
        Feed(process, input);
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return new ShellRun(process.ExitCode, output.ToString(), error.ToString(), limit.IsCancellationRequested);
    }

    /// <summary>The last thing that it complained of, in one line.</summary>
    public string Complaint => (Error.Trim().Length > 0 ? Error : Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it printed nothing";

    private static Process Start(string line)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", $"/d /s /c \"{line}\"")
            : new ProcessStartInfo("/bin/sh", ["-c", line]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        try
        {
            return Process.Start(start) ?? throw new Win32Exception("no process was started");
        }
        catch (Win32Exception e)
        {
            throw DiagnosticCatalog.DeviceFailed.Error((SourceLocation?)null, $"'{line}' cannot be started: {e.Message}. Check that the system has a shell.", e);
        }
    }

    // A command that ends before it has read everything says by its status what is wrong.
    private static void Feed(Process process, Action<Stream>? input)
    {
        try
        {
            using var stream = process.StandardInput.BaseStream;
            input?.Invoke(stream);
        }
        catch (IOException) when (process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            return;
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself in the meantime.
            return;
        }
    }
}
