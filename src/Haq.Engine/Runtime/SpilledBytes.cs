namespace Haq.Engine.Runtime;

/// <summary>
/// Bytes that are written once and read often, in a temporary file that vanishes with them: the system holds of it in memory what fits there and gives that up where others need it, so that they count
/// for no process. Safe for concurrent use.
/// </summary>
/// <param name="folder">Where the file goes; null for the usual one.</param>
internal sealed class SpilledBytes(string? folder = null) : IDisposable
{
    // For the model, the report and the cache, and for others.
    private const long LeftFree = 1L << 30;

    private readonly Lock _lock = new();
    private FileStream? _file;
    private long _length;
    private bool _isFull;

    /// <summary>Writes bytes behind the others.</summary>
    /// <returns>Where they begin; null where the disk does not take them: nothing more is written then.</returns>
    public long? Add(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isFull) return null;
            try
            {
                string place = folder ?? Path.GetTempPath();
                if (new DriveInfo(Path.GetFullPath(place)).AvailableFreeSpace < LeftFree + bytes.Length)
                {
                    _isFull = true;
                    return null;
                }
                _file ??= Open(Path.Combine(place, Path.GetRandomFileName()));
                RandomAccess.Write(_file.SafeFileHandle, bytes, _length);
                return (_length += bytes.Length) - bytes.Length;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What is not kept is made again.
                _isFull = true;
                return null;
            }
        }
    }

    /// <summary>Reads what was written at <paramref name="offset"/>.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int n = RandomAccess.Read(_file!.SafeFileHandle, destination, offset);
            if (n == 0) throw new EndOfStreamException();
            destination = destination[n..];
            offset += n;
        }
    }

    // Of the user alone. Where the system lets an open file be deleted it is at once, so that a killed process leaves nothing.
    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (OperatingSystem.IsWindows()) options.Options = FileOptions.DeleteOnClose;
        else options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
