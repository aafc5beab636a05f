using System.Runtime.InteropServices;
using Haq.Engine.Diagnostics;

namespace Haq.Tool;

/// <summary>
/// Ctrl-C and its kin, as one token. The first signal asks the work to stop, which then keeps what it found; another one, from somebody who will not wait for that, ends the
/// process at once with exit status 130.
/// </summary>
internal sealed partial class Interruption : IDisposable
{
    // A terminal, a parent and a process group may each pass on the one signal that somebody sent.
    private const long EchoMilliseconds = 500;

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _stopping;
    private long _since = long.MaxValue;

    /// <param name="signals">What is caught.</param>
    /// <param name="stopping">Called once, before the work is asked to stop.</param>
    public Interruption(PosixSignal[] signals, Action stopping)
    {
        _stopping = stopping;
        foreach (var signal in signals) _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <summary>Cancelled when the work is to stop.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Since when the work is to stop, in <see cref="Environment.TickCount64"/>; null while it may go on.</summary>
    public long? Since => Interlocked.Read(ref _since) is var since && since == long.MaxValue ? null : since;

    /// <summary>Asks the work to stop.</summary>
    public void Stop()
    {
        if (Interlocked.CompareExchange(ref _since, Environment.TickCount64, long.MaxValue) != long.MaxValue) return;
        // Whoever prints may wait for somebody who reads; the work does not.
        Task.Run(_stopping).Wait(s_patience);
        _source.Cancel();
    }

    /// <summary>Ends the process as it stands: nothing that a native library, which may be at work, does at an end is waited for.</summary>
    public static void EndNow()
    {
        if (!OperatingSystem.IsWindows()) Exit((int)ExitCode.Interrupted);
        Environment.Exit((int)ExitCode.Interrupted);
    }

    /// <summary>Signals mean again what they did before. The token stays as it is: a signal may be under way.</summary>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Since is { } since && Environment.TickCount64 - since > EchoMilliseconds) EndNow();
        Stop();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int status);
}
