using System.Diagnostics;
using System.Runtime.InteropServices;
using Haq.Build.Protocol;
using Haq.Engine.Diagnostics;

namespace Haq.Tool.BuildHost;

/// <summary>
/// Everything that ends a build early, as one token: Ctrl-C and its kin, the task's cancel file, and the death of the process that asked. What does not
/// react to the token in time is ended hard, so that no engine outlives its build.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly PosixSignal[] s_caught = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly BuildRequest _request;
    private readonly Timer _watch;
    private readonly Process? _windowsParent;
    private Stopwatch? _sinceStop;

    public StopSignals(BuildRequest request)
    {
        _request = request;
        foreach (var signal in s_caught) _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        if (OperatingSystem.IsWindows() && request.ParentProcess != 0) _windowsParent = Find(request.ParentProcess);
        _watch = new Timer(_ => Look(), null, s_poll, s_poll);
    }

    /// <summary>Cancelled when the build is to end.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _watch.Dispose();
        foreach (var registration in _registrations) registration.Dispose();
        _windowsParent?.Dispose();
        _source.Dispose();
        // The task waits for this: it says that everything worth keeping is on disk.
        if (_request.CancelFile.Length > 0) File.Delete(_request.CancelFile);
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Stop();
    }

    private void Look()
    {
        if (_sinceStop is null && (ParentIsGone() || (_request.CancelFile.Length > 0 && File.Exists(_request.CancelFile)))) Stop();
        if (_sinceStop is { } waiting && waiting.Elapsed > s_patience) Environment.Exit((int)ExitCode.Interrupted);
    }

    private void Stop()
    {
        if (Interlocked.CompareExchange(ref _sinceStop, Stopwatch.StartNew(), null) is not null) return;
        _source.Cancel();
    }

    private bool ParentIsGone()
    {
        if (_request.ParentProcess == 0) return false;
        if (OperatingSystem.IsWindows()) return _windowsParent is null || _windowsParent.HasExited;
        // An orphan is handed to another parent; unlike asking whether the id exists, this cannot mistake a newcomer with the same id.
        return GetParentProcess() != _request.ParentProcess;
    }

    private static Process? Find(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcess();
}
