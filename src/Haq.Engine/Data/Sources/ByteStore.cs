using System.Buffers;
using System.IO.Compression;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Yaml;
using Microsoft.Win32.SafeHandles;

namespace Haq.Engine.Data.Sources;

/// <summary>
/// Bytes that can be read anywhere: a file, or what a compressed file holds. That is kept in memory while it is small, else in a temporary file that
/// vanishes with the store, so memory stays bounded. Reads may be concurrent.
/// </summary>
internal sealed class ByteStore : IDisposable
{
    /// <summary>Content that compresses better than this is made to fill disks: a gigabyte is looked at, no more.</summary>
    private const int MostRatio = 250;

    private const long Unsuspicious = 1L << 30;

    /// <summary>Above this, inflated content goes to a temporary file.</summary>
    public const int InMemory = 64 << 20;

    private readonly SafeFileHandle? _handle;
    private readonly FileStream? _spill;
    private readonly byte[]? _memory;

    private ByteStore(SafeFileHandle handle, long length) => (_handle, Length) = (handle, length);

    private ByteStore(FileStream spill) : this(spill.SafeFileHandle, spill.Length) => _spill = spill;

    private ByteStore(byte[] memory, long length) => (_memory, Length) = (memory, length);

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Bytes of one's own making.</summary>
    public static ByteStore Of(byte[] memory) => new(memory, memory.Length);

    /// <summary>A file; inflated when it is gzip.</summary>
    /// <exception cref="HaqException">It cannot be read, or its compression is broken (HAQ0101, HAQ0102).</exception>
    public static ByteStore Open(FileReference file)
    {
        var handle = DataErrors.Guard(file, () =>
        {
            OrdinaryFile.Require(file.FullPath);
            return File.OpenHandle(file.FullPath);
        });
        try
        {
            Span<byte> magic = stackalloc byte[2];
            if (RandomAccess.Read(handle, magic, 0) < 2 || magic is not [0x1F, 0x8B]) return new ByteStore(handle, RandomAccess.GetLength(handle));
        }
        catch (IOException e)
        {
            handle.Dispose();
            throw DataErrors.Unreadable(file, e);
        }
        handle.Dispose();
        return DataErrors.Guard(file, () =>
        {
            using var compressed = File.OpenRead(file.FullPath);
            using var content = new GZipStream(compressed, CompressionMode.Decompress);
            return Inflate(content, file, file.Text, compressed.Length);
        });
    }

    /// <summary>All of a compressed stream. <paramref name="what"/> is what errors call it.</summary>
    /// <exception cref="HaqException">Its compression is broken (HAQ0102).</exception>
    public static ByteStore Inflate(Stream content, FileReference file, string what, long compressed)
    {
        try
        {
            return Keep(content, Math.Max(Unsuspicious, MostRatio * compressed));
        }
        catch (NotSupportedException e)
        {
            throw DataErrors.Damaged(file, $"{what} expands to more than {MostRatio} times its {compressed} bytes, as no data does", e);
        }
        catch (InvalidDataException e)
        {
            throw DataErrors.Damaged(file, $"{what} is damaged or truncated: its compressed content cannot be read to the end", e);
        }
    }

    /// <summary>All of a stream.</summary>
    /// <exception cref="NotSupportedException">There are more than <paramref name="most"/> bytes.</exception>
    public static ByteStore Keep(Stream content, long most = long.MaxValue)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        FileStream? spill = null;
        bool done = false;
        using var memory = new MemoryStream();
        try
        {
            long read = 0;
            for (int n; (n = content.Read(buffer)) > 0;)
            {
                if ((read += n) > most) throw new NotSupportedException($"more than {most} bytes");
                if (spill is null && memory.Length + n > InMemory)
                {
                    spill = new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
                    memory.WriteTo(spill);
                }
                ((Stream?)spill ?? memory).Write(buffer, 0, n);
            }
            done = true;
            return spill is null ? new ByteStore(memory.GetBuffer(), memory.Length) : new ByteStore(spill);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!done) spill?.Dispose();
        }
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="EndOfStreamException">There are not as many bytes.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset + destination.Length > Length) throw new EndOfStreamException();
        if (_memory is not null)
        {
            _memory.AsSpan((int)offset, destination.Length).CopyTo(destination);
            return;
        }
        while (!destination.IsEmpty)
        {
            int n = RandomAccess.Read(_handle!, destination, offset);
            if (n == 0) throw new EndOfStreamException();
            destination = destination[n..];
            offset += n;
        }
    }

    /// <summary>The bytes as a stream, which leaves the store open.</summary>
    public Stream AsStream() => new StoreStream(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _spill?.Dispose();
        _handle?.Dispose();
    }

    private sealed class StoreStream(ByteStore store) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => store.Length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int n = (int)Math.Min(buffer.Length, Math.Max(0, Length - Position));
            store.Read(Position, buffer[..n]);
            Position += n;
            return n;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
