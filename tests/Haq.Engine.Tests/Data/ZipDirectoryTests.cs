using System.Globalization;
using System.IO.Compression;
using Haq.Engine.Data.Archives;
using Haq.Engine.Data.Images;

namespace Haq.Engine.Tests.Data;

public sealed class ZipDirectoryTests(DataFixture files) : IClassFixture<DataFixture>
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(70_000)] // More than 16 bits count: ZIP64.
    public void Entries_are_those_that_the_framework_reads(int count)
    {
        string path = Path.Combine(files.Folder, $"entries-{count}.zip");
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            for (int i = 0; i < count; i++)
            {
                using var entry = zip.CreateEntry(string.Create(CultureInfo.InvariantCulture, $"é{i % 10}/{i}.png"), i % 2 == 0 ? CompressionLevel.NoCompression : CompressionLevel.Optimal).Open();
                entry.Write(BitConverter.GetBytes(i));
                if (i % 7 == 0) entry.Write(new byte[i % 300]);
            }
        }
        using var expected = ZipFile.OpenRead(path);
        using var handle = File.OpenHandle(path);
        int at = 0;
        byte[] stored = new byte[ZipEntry.Bytes];
        foreach (var (name, entry) in ZipDirectory.Read(handle))
        {
            var other = expected.Entries[at];
            Assert.Equal((other.FullName, other.Length, other.CompressedLength, (long)other.Crc32), (name, entry.Size, entry.Packed, entry.Crc));
            entry.Write(stored);
            Assert.Equal(entry, ZipEntry.Read(stored));
            if (at % 997 == 0) Assert.Equal(Content(other.Open()), Content(entry.Open(handle)));
            at++;
        }
        Assert.Equal(count, at);
    }

    [Fact]
    public void Sizes_beyond_32_bits_are_read_from_their_extra_field()
    {
        // A central entry whose sizes and offset stand in the ZIP64 field, and the end in both forms; no content.
        using var made = new MemoryStream();
        using (var write = new BinaryWriter(made, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            write.Write("PK\x01\x02"u8);
            foreach (int s in (int[])[45, 45, 0x800, 8, 0, 0]) write.Write((short)s);
            foreach (uint i in (uint[])[0x12345678, uint.MaxValue, uint.MaxValue]) write.Write(i);
            foreach (int s in (int[])[5, 28 + 6, 0, 0, 0]) write.Write((short)s);
            write.Write(0);
            write.Write(uint.MaxValue);
            write.Write("a.png"u8);
            foreach (int s in (int[])[0x5455, 2, 0]) write.Write((short)s);
            foreach (int s in (int[])[1, 24]) write.Write((short)s);
            foreach (long l in (long[])[5L << 32, 6L << 32, 7L << 32]) write.Write(l);
            int size = (int)made.Length;
            write.Write("PK\x06\x06"u8);
            write.Write(44L);
            foreach (int s in (int[])[45, 45]) write.Write((short)s);
            foreach (int i in (int[])[0, 0]) write.Write(i);
            foreach (long l in (long[])[1, 1, size, 0]) write.Write(l);
            write.Write("PK\x06\x07"u8);
            write.Write(0);
            write.Write((long)size);
            write.Write(1);
            write.Write("PK\x05\x06"u8);
            foreach (int s in (int[])[0, 0, -1, -1]) write.Write((short)s);
            foreach (int i in (int[])[-1, -1]) write.Write(i);
            write.Write((short)0);
        }
        using var handle = File.OpenHandle(files.Write("wide.zip", made.ToArray()));
        var (name, entry) = Assert.Single(ZipDirectory.Read(handle));
        Assert.Equal(("a.png", 5L << 32, 6L << 32, 7L << 32, 0x12345678L), (name, entry.Size, entry.Packed, entry.Offset, entry.Crc));
    }

    [Fact]
    public void What_is_no_complete_zip_is_refused_at_every_length()
    {
        byte[] whole = DataFixture.Zip(CompressionLevel.Fastest, ("a.png", [1, 2, 3]), ("b.png", [4]));
        for (int length = 0; length < whole.Length; length++)
        {
            string path = files.Write("cut.zip", whole[..length]);
            Assert.Throws<InvalidDataException>(() => new ImageZip(path).Dispose());
        }
    }

    private static byte[] Content(Stream stream)
    {
        using var all = new MemoryStream();
        using (stream) stream.CopyTo(all);
        return all.ToArray();
    }
}
