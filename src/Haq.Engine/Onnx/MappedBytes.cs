using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Haq.Engine.Onnx;

/// <summary>
/// Bytes that are read as if they were in memory and lie in a temporary file, which goes when nothing refers to them any more: the system has of it in memory
/// what it likes to. What was looked at counts for the process until <see cref="Release"/>, and then no longer. Safe for concurrent use.
/// </summary>
internal sealed unsafe class MappedBytes : MemoryManager<byte>
{
    private static readonly MappedFiles s_files = new();

    private readonly MappedFile _file;
    private readonly Use _use;

    private MappedBytes(MappedFile file, TimeSpan grace) => (_file, _use) = (file, new Use(file, grace));

    /// <summary>The file's name in <see cref="Folder"/>.</summary>
    public string File => _file.Name;

    /// <summary>Where the files are.</summary>
    public static string Folder => s_files.Folder;

    /// <summary>Writes bytes into a file.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="grace">How long the file stays at least after nothing refers to it any more; null for a minute.</param>
    /// <returns>The same bytes; null where the disk does not take them.</returns>
    public static MappedBytes? Store(ReadOnlySpan<byte> bytes, TimeSpan? grace = null) => s_files.Add(bytes) is { } file ? new MappedBytes(file, grace ?? TimeSpan.FromMinutes(1)) : null;

    /// <summary>What <paramref name="bytes"/> are read from, where that is a file of this kind.</summary>
    public static MappedBytes? Of(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetMemoryManager<byte, MappedBytes>(bytes, out var manager) ? manager : null;

    /// <summary>Gives back the memory that was taken by looking; whoever looks again has it again.</summary>
    public static void Release() => s_files.Release();

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        s_files.Look(_file);
        return new Span<byte>(_file.Start, _file.Length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_file.Start + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // It does not move.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _use.End();

    /// <summary>Tells when nobody has the bytes any more. A span does not keep what it came from; readers keep the tensor, and have a minute and some collections to come to an end besides.</summary>
    private sealed class Use(MappedFile file, TimeSpan grace)
    {
        private const int Collections = 4;

        private int _collections;
        private long _unused;

        ~Use()
        {
            if (_collections++ == 0) _unused = Stopwatch.GetTimestamp();
            if (_collections <= Collections || Stopwatch.GetElapsedTime(_unused) < grace) GC.ReRegisterForFinalize(this);
            else s_files.Remove(file);
        }

        public void End()
        {
            s_files.Remove(file);
            GC.SuppressFinalize(this);
        }
    }
}
