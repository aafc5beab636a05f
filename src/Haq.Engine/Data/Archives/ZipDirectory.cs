using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Haq.Engine.Data.Archives;

/// <summary>
/// The central directory of a zip file, read entry by entry: nothing is kept of an entry that nobody wants. <see cref="System.IO.Compression.ZipArchive"/> makes an object of
/// half a kilobyte of each, which a million images do not bear.
/// </summary>
/// <remarks>Format: PKWARE's APPNOTE 6.3.10, 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end, with and without ZIP64), 4.5.3 (ZIP64 extra field).</remarks>
internal static class ZipDirectory
{
    private const uint EntryMark = 0x02014B50, EndMark = 0x06054B50, LocatorMark = 0x07064B50, End64Mark = 0x06064B50;
    private const int EntryBytes = 46, EndBytes = 22, LocatorBytes = 20, End64Bytes = 56, MostComment = ushort.MaxValue, Piece = 1 << 20;

    /// <summary>The entries in the order of the directory. Each is gone when the next is asked for, its name excepted.</summary>
    /// <exception cref="InvalidDataException">It is no complete zip file.</exception>
    public static IEnumerable<(string Name, ZipEntry Entry)> Read(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        var (start, size, count) = Find(file, length);
        if (start < 0 || size < 0 || start > length - size || count > size / EntryBytes) throw new InvalidDataException("its directory lies outside of the file");
        byte[] buffer = new byte[Math.Min(size, Piece)];
        int from = 0, filled = 0;
        long read = 0;
        for (long i = 0; i < count; i++)
        {
            if (filled - from < EntryBytes) Fill(EntryBytes);
            int whole = EntryBytes + Lengths(buffer, from);
            if (filled - from < whole) Fill(whole);
            yield return Parse(buffer, from, whole);
            from += whole;
        }

        void Fill(int wanted)
        {
            Buffer.BlockCopy(buffer, from, buffer, 0, filled - from);
            (from, filled) = (0, filled - from);
            if (wanted > buffer.Length) Array.Resize(ref buffer, wanted);
            while (filled < wanted)
            {
                int n = RandomAccess.Read(file, buffer.AsSpan(filled, (int)Math.Min(buffer.Length - filled, size - read)), start + read);
                if (n == 0) throw new InvalidDataException("its directory ends early");
                (filled, read) = (filled + n, read + n);
            }
        }
    }

    private static int Lengths(byte[] buffer, int at)
    {
        var entry = buffer.AsSpan(at, EntryBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != EntryMark) throw new InvalidDataException("its directory is damaged");
        return Short(entry, 28) + Short(entry, 30) + Short(entry, 32);
    }

    private static (string Name, ZipEntry Entry) Parse(byte[] buffer, int at, int whole)
    {
        var entry = buffer.AsSpan(at, whole);
        int name = Short(entry, 28), extra = Short(entry, 30);
        long packed = Int(entry, 20), size = Int(entry, 24), offset = Int(entry, 42);
        if (packed == uint.MaxValue || size == uint.MaxValue || offset == uint.MaxValue) Widen(entry.Slice(EntryBytes + name, extra), ref size, ref packed, ref offset);
        return (Encoding.UTF8.GetString(entry.Slice(EntryBytes, name)), new ZipEntry(offset, packed, size, Int(entry, 16), Short(entry, 10), (Short(entry, 8) & 1) != 0));
    }

    // The fields that did not fit, in this order, each only where it did not.
    private static void Widen(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long offset)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(Short(extra, 2), extra.Length - 4);
            var field = extra.Slice(4, length);
            if (Short(extra, 0) == 1)
            {
                Take(ref field, ref size);
                Take(ref field, ref packed);
                Take(ref field, ref offset);
                return;
            }
            extra = extra[(4 + length)..];
        }
    }

    private static void Take(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value != uint.MaxValue) return;
        if (field.Length < 8) throw new InvalidDataException("its directory is damaged");
        value = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
    }

    private static (long Start, long Size, long Count) Find(SafeFileHandle file, long length)
    {
        byte[] tail = new byte[Math.Min(length, EndBytes + MostComment + LocatorBytes)];
        Exactly(file, tail, length - tail.Length);
        for (int at = tail.Length - EndBytes; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndMark || Short(end, 20) > end.Length - EndBytes) continue;
            if (at < LocatorBytes || BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at - LocatorBytes)) != LocatorMark) return (Int(end, 16), Int(end, 12), Short(end, 10));
            byte[] wide = new byte[End64Bytes];
            long where = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(at - LocatorBytes + 8));
            if (where < 0 || where > length - End64Bytes) throw new InvalidDataException("the end of its directory lies outside of the file");
            Exactly(file, wide, where);
            return BinaryPrimitives.ReadUInt32LittleEndian(wide) == End64Mark
                ? (BinaryPrimitives.ReadInt64LittleEndian(wide.AsSpan(48)), BinaryPrimitives.ReadInt64LittleEndian(wide.AsSpan(40)), BinaryPrimitives.ReadInt64LittleEndian(wide.AsSpan(32)))
                : throw new InvalidDataException("the end of its directory is damaged");
        }
        throw new InvalidDataException("it has no directory");
    }

    /// <summary>Fills <paramref name="destination"/> from the file.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static void Exactly(SafeFileHandle file, Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            int n = RandomAccess.Read(file, destination, offset);
            if (n == 0) throw new EndOfStreamException("the file ends in the middle of an entry");
            destination = destination[n..];
            offset += n;
        }
    }

    private static int Short(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
