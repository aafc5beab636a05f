namespace Haq.Engine.Data.Sources;

/// <summary>A stream over blocks of bytes that are made when they are read; an empty block ends it.</summary>
internal sealed class PulledStream(Func<ReadOnlyMemory<byte>> next) : Stream
{
    private ReadOnlyMemory<byte> _block;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_block.IsEmpty) _block = next();
        int n = Math.Min(buffer.Length, _block.Length);
        _block.Span[..n].CopyTo(buffer);
        _block = _block[n..];
        return n;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
