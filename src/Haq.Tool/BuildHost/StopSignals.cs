using System.Diagnostics;
using System.Runtime.InteropServices;
using Haq.Build.Protocol;

namespace Haq.Tool.BuildHost;

/// <summary>
/// Everything that ends a build early, as one token: Ctrl-C and its kin, the task's cancel file, and the death of the process that asked. What does not
/// react to the token in time, or is told again, is ended hard, so that no engine outlives its build.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    private const long PatienceMilliseconds = 3000;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private static readonly PosixSignal[] s_caught = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Interruption _interruption = new(s_caught, static () => { });
    private readonly BuildRequest _request;
    private readonly Timer _watch;
    private readonly Process? _windowsParent;

    public StopSignals(BuildRequest request)
    {
        _request = request;
        if (OperatingSystem.IsWindows() && request.ParentProcess != 0) _windowsParent = Find(request.ParentProcess);
        _watch = new Timer(_ => Look(), null, s_poll, s_poll);
    }

    /// <summary>Cancelled when the build is to end.</summary>
    public CancellationToken Token => _interruption.Token;

    public void Dispose()
    {
        _watch.Dispose();
        _interruption.Dispose();
        _windowsParent?.Dispose();
        // The task waits for this: it says that everything worth keeping is on disk.
        if (_request.CancelFile.Length > 0) File.Delete(_request.CancelFile);
    }

    private void Look()
    {
        if (_interruption.Since is { } since)
        {
            if (Environment.TickCount64 - since > PatienceMilliseconds) Interruption.EndNow();
        }
        else if (ParentIsGone() || (_request.CancelFile.Length > 0 && File.Exists(_request.CancelFile)))
        {
            _interruption.Stop();
        }
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
