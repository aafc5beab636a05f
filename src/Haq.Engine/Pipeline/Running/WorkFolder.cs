namespace Haq.Engine.Pipeline.Running;

/// <summary>A folder that survives a kill, and the lock on it.</summary>
internal sealed class WorkFolder(string path, FileLock guard) : IDisposable
{
    public string Path => path;

    public void Dispose() => guard.Dispose();
}
