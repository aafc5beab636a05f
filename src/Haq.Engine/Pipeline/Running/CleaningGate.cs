namespace Haq.Engine.Pipeline.Running;

/// <summary>
/// Keeps a cache's locks and its clean-ups apart. Whoever takes the lock of an entry passes together with others; whoever removes an entry, with its lock's file, passes alone.
/// So nobody ever locks a file that has lost its name, nor lets go of one lock for another while the entry is removed.
/// </summary>
/// <param name="root">The cache's folder.</param>
internal sealed class CleaningGate(string root)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly string _path = Path.Combine(root, "cleaning");

    /// <summary>Passes together with others; null where there is nothing to lock, or where nobody answers.</summary>
    public IDisposable? Enter() => Open(FileAccess.Read, FileShare.Read);

    /// <summary>Passes alone; null where that cannot be.</summary>
    public IDisposable? EnterAlone() => Open(FileAccess.ReadWrite, FileShare.None);

    private FileStream? Open(FileAccess access, FileShare share)
    {
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        do
        {
            try
            {
                // Opening for reading creates nothing, so that a cache on a read-only medium can be passed into as well.
                if (!File.Exists(_path)) new FileStream(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1).Dispose();
                return new FileStream(_path, FileMode.Open, access, share, bufferSize: 1);
            }
            catch (IOException e) when (e is not DirectoryNotFoundException and not PathTooLongException && File.Exists(_path))
            {
                Thread.Sleep(s_retry);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
        while (Environment.TickCount64 < end);
        return null;
    }
}
