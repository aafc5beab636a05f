using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
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
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1), s_drain = TimeSpan.FromSeconds(2);

    /// <summary>Runs a command line to its end.</summary>
    /// <param name="line">For <c>sh</c>, or <c>cmd</c> on Windows.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="input">Writes what it reads; null for nothing.</param>
    /// <param name="onLine">Told each line of standard output as it comes.</param>
    /// <param name="cancellation">Ends it, and everything that it started.</param>
    /// <param name="folder">Where it runs; null for this process's own folder.</param>
    /// <param name="idle">How long it may print nothing; null for no such limit.</param>
    /// <exception cref="HaqException">There is no shell (HAQ0235).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ShellRun Of(
        string line, TimeSpan timeout, Action<Stream>? input = null, Action<string>? onLine = null, CancellationToken cancellation = default, string? folder = null,
        TimeSpan? idle = null)
    {
        cancellation.ThrowIfCancellationRequested();
        using var process = Start(line, folder);
        var told = new Told(onLine, () => End(process));
        process.OutputDataReceived += (_, e) => told.Output(e.Data);
        process.ErrorDataReceived += (_, e) => told.Error(e.Data);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        bool timedOut, wentQuiet = false;
        try
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            using var ending = limit.Token.Register(() => End(process));
            Feed(process, input);
            // A wait without a limit would go on until everything that it left behind has closed its pipes: the master of an ssh connection, a server.
            while (!process.WaitForExit(idle < s_look ? idle.Value : s_look))
            {
                if (!(told.Quiet > idle)) continue;
                wentQuiet = true;
                End(process);
            }
            timedOut = limit.IsCancellationRequested;
        }
        finally
        {
            End(process);
        }
        told.Drain(s_drain);
        cancellation.ThrowIfCancellationRequested();
        return told.Result(process.ExitCode, timedOut) with { WentQuiet = wentQuiet };
    }

    /// <summary>It was ended because it printed nothing for too long.</summary>
    public bool WentQuiet { get; init; }

    /// <summary>The last thing that it complained of, in one line.</summary>
    public string Complaint => (Error.Trim().Length > 0 ? Error : Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it printed nothing";

    private static Process Start(string line, string? folder)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", $"/d /s /c \"{line}\"")
            : new ProcessStartInfo("/bin/sh", ["-c", line]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        start.WorkingDirectory = folder ?? "";
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
        using var stream = process.StandardInput.BaseStream;
        try
        {
            input?.Invoke(stream);
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            return;
        }
    }

    private static bool IsBrokenPipe(IOException error) => error.InnerException is SocketException || (OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 109 or 232 : error.HResult == 32);

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself in the meantime, or parts of what it started have, or are another user's.
            return;
        }
    }

    /// <summary>What a command prints, as it comes on threads of the system's.</summary>
    private sealed class Told(Action<string>? onLine, Action end)
    {
        private const int KeptErrors = 4000;

        private readonly StringBuilder _output = new(), _error = new();
        private readonly Lock _lock = new();
        private int _open = 2;
        private long _last = Stopwatch.GetTimestamp();
        private ExceptionDispatchInfo? _failure;

        /// <summary>How long it has printed nothing.</summary>
        public TimeSpan Quiet => Stopwatch.GetElapsedTime(Volatile.Read(ref _last));

        public void Output(string? line)
        {
            lock (_lock)
            {
                _last = Stopwatch.GetTimestamp();
                if (line is null) _open--;
                if (line is null || _failure is not null) return;
                _output.Append(line).Append('\n');
                try
                {
                    onLine?.Invoke(line);
                }
                catch (Exception e)
                {
                    // Thrown on the system's thread it would end the process: it is told to whoever waits.
                    _failure = ExceptionDispatchInfo.Capture(e);
                    end();
                }
            }
        }

        public void Error(string? line)
        {
            lock (_lock)
            {
                _last = Stopwatch.GetTimestamp();
                if (line is null) _open--;
                if (line is null) return;
                _error.Append(line).Append('\n');
                if (_error.Length > 2 * KeptErrors) _error.Remove(0, _error.Length - KeptErrors);
            }
        }

        /// <summary>Waits a while for what is still on its way.</summary>
        public void Drain(TimeSpan patience)
        {
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < patience)
            {
                lock (_lock)
                {
                    if (_open == 0) return;
                }
                Thread.Sleep(1);
            }
        }

        public ShellRun Result(int status, bool timedOut)
        {
            lock (_lock)
            {
                _failure?.Throw();
                return new ShellRun(status, _output.ToString(), _error.ToString(), timedOut);
            }
        }
    }
}
