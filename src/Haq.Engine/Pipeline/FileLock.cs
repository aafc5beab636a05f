namespace Haq.Engine.Pipeline;

/// <summary>An exclusive lock between processes: an open file that nobody else may open. Released by <see cref="Dispose"/> and by the process's death.</summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(40);
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits until the lock is free.</summary>
    /// <param name="path">The lock file; its folder must exist. It stays, empty, after the release.</param>
    /// <param name="onWait">Called once, when somebody else holds it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public static FileLock Acquire(string path, Action? onWait, CancellationToken cancellation)
    {
        for (bool waited = false; ; waited = true)
        {
            try
            {
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
            }
            catch (IOException e) when (e is not DirectoryNotFoundException and not PathTooLongException && File.Exists(path))
            {
                if (!waited) onWait?.Invoke();
                cancellation.WaitHandle.WaitOne(s_retry);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
