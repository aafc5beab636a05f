using System.Collections.Concurrent;
using System.Globalization;

namespace Haq.Engine.Onnx;

/// <summary>The files of one process that constants are in. Safe for concurrent use.</summary>
internal sealed class MappedFiles
{
    // Looked at and not given back, of all together.
    private const long MostLookedAt = 32L << 20;

    // For the model, the report and the cache, and for others.
    private const long LeftFree = 1L << 30;

    private readonly Lazy<ProcessFolder> _folder = new(() => ProcessFolder.Create());
    private readonly ConcurrentDictionary<string, MappedFile> _files = new(StringComparer.Ordinal);
    private long _count, _lookedAt;

    /// <summary>Where they are.</summary>
    public string Folder => _folder.Value.Path;

    /// <summary>Writes bytes into a file; null where the disk does not take them.</summary>
    public MappedFile? Add(ReadOnlySpan<byte> bytes)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{ProcessFolder.Stem}-{Interlocked.Increment(ref _count)}{ProcessFolder.Ending}");
        try
        {
            if (new DriveInfo(Folder).AvailableFreeSpace < LeftFree + bytes.Length) return null;
            return _files[name] = MappedFile.Write(Path.Combine(Folder, name), bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Somebody is about to read; what others read before is given back where it is too much.</summary>
    public void Look(MappedFile file)
    {
        if (!file.Look() || Interlocked.Add(ref _lookedAt, file.Length) <= MostLookedAt) return;
        Release();
        if (file.Look()) Interlocked.Add(ref _lookedAt, file.Length);
    }

    /// <summary>Gives back the memory that reading took.</summary>
    public void Release()
    {
        Volatile.Write(ref _lookedAt, 0);
        foreach (var file in _files.Values) file.Release();
    }

    /// <summary>Nobody reads it any more.</summary>
    public void Remove(MappedFile file)
    {
        _files.TryRemove(file.Name, out _);
        file.Dispose();
    }
}
