using System.Security.Cryptography;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Parcels;

/// <summary>What is to be sent, one piece behind another in a file that goes with this process. Pieces may be read by several threads.</summary>
internal sealed class SpoolFile : IDisposable
{
    private readonly ProcessFolder _folder = ProcessFolder.Create();
    private readonly FileStream _file;

    public SpoolFile() => _file = new FileStream(Path.Combine(_folder.Path, ProcessFolder.FileName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16);

    /// <summary>Adds a piece.</summary>
    /// <returns>What it is, and where it begins.</returns>
    public (SubjectPart Part, long At) Add(Action<Stream> write)
    {
        long at = _file.Position;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var counted = new HashedStream(_file, hash)) write(counted);
        return (new SubjectPart(Convert.ToHexStringLower(hash.GetHashAndReset()), _file.Position - at), at);
    }

    /// <summary>Ends the writing.</summary>
    public void Complete() => _file.Flush();

    /// <summary>Fills a buffer.</summary>
    public void Read(long at, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_file.SafeFileHandle, buffer, at);
            if (read == 0) throw new EndOfStreamException("the file of what is to be sent is cut short");
            at += read;
            buffer = buffer[read..];
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    private sealed class HashedStream(Stream inner, IncrementalHash hash) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            inner.Write(buffer);
        }
    }
}
