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
        var (start, size, count) = Find(file, RandomAccess.GetLength(file));
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
        // A number of 16 bits says nothing of a directory of more: reading on would be a guess, and stopping would lose files.
        if (filled - from < EntryBytes && size - read > 0) Fill((int)Math.Min(EntryBytes, filled - from + size - read));
        if (filled - from >= EntryBytes && BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(from)) == EntryMark)
            throw new InvalidDataException($"its directory holds more entries than the {count} that it says");

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

    // Of the records that may be the end, the last one whose directory is where it says; a comment or what follows may hold others. One that speaks of no entry counts where nothing else does.
    private static (long Start, long Size, long Count) Find(SafeFileHandle file, long length)
    {
        byte[] tail = new byte[Math.Min(length, EndBytes + MostComment + LocatorBytes)];
        Exactly(file, tail, length - tail.Length);
        (long Start, long Size, long Count)? empty = null;
        string problem = "it has no directory";
        for (int at = tail.Length - EndBytes; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndMark || Short(end, 20) > end.Length - EndBytes) continue;
            var (found, before, wrong) = Record(file, tail, at, length);
            wrong ??= Wrong(file, found, before);
            if (wrong is not null) problem = wrong;
            else if (found.Count > 0) return found;
            else empty ??= found;
        }
        return empty ?? throw new InvalidDataException(problem);
    }

    // What a record says, where the directory has to end, and what is wrong with the record itself.
    private static ((long Start, long Size, long Count) Found, long Before, string? Wrong) Record(SafeFileHandle file, byte[] tail, int at, long length)
    {
        var end = tail.AsSpan(at);
        if (at < LocatorBytes || BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at - LocatorBytes)) != LocatorMark)
            return ((Int(end, 16), Int(end, 12), Short(end, 10)), length - tail.Length + at, null);
        byte[] wide = new byte[End64Bytes];
        long where = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(at - LocatorBytes + 8));
        if (where < 0 || where > length - End64Bytes) return (default, 0, "the end of its directory lies outside of the file");
        Exactly(file, wide, where);
        if (BinaryPrimitives.ReadUInt32LittleEndian(wide) != End64Mark) return (default, 0, "the end of its directory is damaged");
        return ((Long(wide, 48), Long(wide, 40), Long(wide, 32)), where, null);
    }

    private static string? Wrong(SafeFileHandle file, (long Start, long Size, long Count) found, long before)
    {
        var (start, size, count) = found;
        if (start < 0 || size < 0 || start > before - size) return "its directory lies outside of the file";
        if (count < 0 || count > size / EntryBytes) return $"its directory of {size} bytes cannot hold the {count} entries that it says";
        if (count == 0) return size == 0 ? null : $"its directory of {size} bytes says that it holds nothing";
        Span<byte> first = stackalloc byte[4];
        Exactly(file, first, start);
        return BinaryPrimitives.ReadUInt32LittleEndian(first) == EntryMark ? null : "its directory is not where it says";
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

    private static long Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static long Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
