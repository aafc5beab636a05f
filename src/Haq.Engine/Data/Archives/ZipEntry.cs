using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Haq.Engine.Data.Archives;

/// <summary>Where the content of a zip file's entry is, and how it is stored.</summary>
/// <param name="Offset">Of its local header.</param>
/// <param name="Packed">Bytes in the file.</param>
/// <param name="Size">Bytes of the content, as the directory says.</param>
/// <param name="Crc">CRC-32 of the content.</param>
/// <param name="Method">0 for stored, 8 for deflated.</param>
/// <param name="IsEncrypted">It has a password.</param>
internal readonly record struct ZipEntry(long Offset, long Packed, long Size, long Crc, int Method, bool IsEncrypted)
{
    /// <summary>Bytes of <see cref="Write"/>.</summary>
    public const int Bytes = 8 + 6 + 6 + 4 + 2;

    private const int LocalBytes = 30, Encrypted = 0x8000;
    private const uint LocalMark = 0x04034B50;
    private const long MostSize = 1L << 48;

    /// <summary>The content. Streams of several entries may be read at once.</summary>
    /// <exception cref="InvalidDataException">It is damaged, encrypted, or packed by a method that is not read.</exception>
    public Stream Open(SafeFileHandle file)
    {
        if (IsEncrypted) throw new InvalidDataException("it is encrypted");
        if (Offset < 0) throw new InvalidDataException("its place lies outside of the file");
        Span<byte> header = stackalloc byte[LocalBytes];
        ZipDirectory.Exactly(file, header, Offset);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalMark) throw new InvalidDataException("its header is damaged");
        long start = Offset + LocalBytes + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        var stored = new FileRange(file, start, Packed);
        return Method switch
        {
            0 => stored,
            8 => new DeflateStream(stored, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"it is packed by method {Method}; stored (0) and deflated (8) content can be read"),
        };
    }

    /// <summary>The entry in <see cref="Bytes"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Offset);
        Write48(bytes[8..], Packed);
        Write48(bytes[14..], Size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], (uint)Crc);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[24..], (ushort)(Method | (IsEncrypted ? Encrypted : 0)));
    }

    public static ZipEntry Read(ReadOnlySpan<byte> bytes)
    {
        int method = BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);
        return new ZipEntry(BinaryPrimitives.ReadInt64LittleEndian(bytes), Read48(bytes[8..]), Read48(bytes[14..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]), method & ~Encrypted, (method & Encrypted) != 0);
    }

    private static void Write48(Span<byte> bytes, long value)
    {
        if (value is < 0 or >= MostSize) throw new InvalidDataException($"an entry of {value} bytes is none");
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)(value >> 32));
    }

    private static long Read48(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes) | (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32;
}
