namespace Haq.Engine.Pipeline.Running;

/// <summary>A lock between processes: an open file that nobody else may open, or, shared, nobody may open for himself alone. Released by <see cref="Dispose"/> and by the process's death.</summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(40);
    private readonly FileStream _stream;

    private FileLock(FileStream stream, bool excludes) => (_stream, Excludes) = (stream, excludes);

    /// <summary>Whether locks work here; some network file systems accept and ignore them.</summary>
    public bool Excludes { get; }

    /// <summary>Waits until the lock is free.</summary>
    /// <param name="path">The lock file; its folder must exist. It stays, empty, after the release.</param>
    /// <param name="onWait">Called once, when somebody else holds it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    /// <exception cref="IOException">There can be no such file.</exception>
    public static FileLock Acquire(string path, Action? onWait, CancellationToken cancellation) => Acquire(path, gate: null, onWait, cancellation);

    /// <summary>Waits until the lock is free, passing <paramref name="gate"/> for each try.</summary>
    internal static FileLock Acquire(string path, CleaningGate? gate, Action? onWait, CancellationToken cancellation)
    {
        int orphans = 0;
        for (bool waited = false; ;)
        {
            try
            {
                using var passed = gate?.Enter();
                var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
                bool held = Holds(path);
                // Whoever cleans up may have removed the file between its being opened and being locked; a file system without locks looks the same, but goes on doing so.
                if (held || ++orphans > 3) return new FileLock(stream, held);
                stream.Dispose();
                continue;
            }
            catch (IOException e) when (e is not DirectoryNotFoundException and not PathTooLongException && (IsHeld(e) || File.Exists(path)))
            {
                if (!waited) onWait?.Invoke();
                waited = true;
            }
            cancellation.WaitHandle.WaitOne(s_retry);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Holds the lock together with others who only read.</summary>
    /// <param name="path">The lock file; its folder must exist.</param>
    /// <param name="busy">Whether somebody has it for himself; where nothing can be locked, nobody has.</param>
    /// <returns>The lock, or null where it is busy or nothing can be locked.</returns>
    internal static FileLock? TryShare(string path, out bool busy)
    {
        busy = false;
        try
        {
            // Opening for reading creates nothing, so that a cache on a read-only medium can be locked as well; where the file is not there yet it is made first.
            if (!File.Exists(path)) new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1).Dispose();
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            if (Holds(path)) return new FileLock(stream, excludes: true);
            stream.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            busy = e is IOException and not DirectoryNotFoundException and not PathTooLongException && File.Exists(path);
            return null;
        }
    }

    /// <summary>Takes the lock if it is free, and removes its file when it is released.</summary>
    internal static FileLock? TryFinish(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose), excludes: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    // Somebody has it open: ERROR_SHARING_VIOLATION, or EWOULDBLOCK on Linux and on macOS. Its file may be gone by the time one looks, where a clean-up had it.
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult == (OperatingSystem.IsMacOS() ? 35 : 11);

    // The file under that name is the one that is locked: nobody can open it for himself alone.
    private static bool Holds(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 1).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
