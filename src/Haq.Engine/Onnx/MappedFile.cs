using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Haq.Engine.Onnx;

/// <summary>A file in the address space of the process. Safe for concurrent use, but for reading what was disposed of.</summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    // POSIX's name for "not needed".
    private const int DontNeed = 4;

    private readonly Lock _lock = new();
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string _path;
    private bool _isDisposed;
    private int _isLookedAt;

    private MappedFile(string path, int length, FileStream file)
    {
        (_path, Name, Length) = (path, Path.GetFileName(path), length);
        _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
    }

    /// <summary>Its name in the folder.</summary>
    public string Name { get; }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>Where they begin.</summary>
    public byte* Start { get; }

    /// <summary>Makes the file.</summary>
    /// <exception cref="IOException">It cannot be written or mapped; nothing is left of it.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static MappedFile Write(string path, ReadOnlySpan<byte> bytes)
    {
        bool isWhole = false;
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            file.Write(bytes);
            var mapped = new MappedFile(path, bytes.Length, file);
            isWhole = true;
            return mapped;
        }
        finally
        {
            if (!isWhole) Delete(path);
        }
    }

    /// <summary>True for the first to read since it was given back.</summary>
    public bool Look() => Volatile.Read(ref _isLookedAt) == 0 && Interlocked.Exchange(ref _isLookedAt, 1) == 0;

    /// <summary>Gives back the memory that reading took.</summary>
    public void Release()
    {
        // Where it was, somebody else's memory is after it is disposed of.
        lock (_lock)
        {
            if (!_isDisposed && OperatingSystem.IsLinux() && Interlocked.Exchange(ref _isLookedAt, 0) == 1) _ = Advise(Start, (nuint)Length, DontNeed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
        Delete(_path);
    }

    // Windows deletes nothing that is in use; it goes with the folder.
    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left is temporary.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* start, nuint length, int advice);
}
