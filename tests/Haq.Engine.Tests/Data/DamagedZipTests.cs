using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Haq.Engine.Data;
using Haq.Engine.Data.Archives;
using Haq.Engine.Data.Images;
using Haq.Engine.Data.Shards;
using Haq.Engine.Diagnostics;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

/// <summary>Directories of archives that do not say what is so. Layouts from PKWARE's APPNOTE 6.3.10, 4.3.14 to 4.3.16.</summary>
public sealed class DamagedZipTests(DataFixture files) : IClassFixture<DataFixture>
{
    private const int End64Bytes = 56, LocatorBytes = 20, EndBytes = 22;

    [Theory]
    [InlineData(32, -1L, "cannot hold the -1 entries")]
    [InlineData(32, long.MinValue, "cannot hold")]
    [InlineData(32, long.MaxValue, "cannot hold")]
    [InlineData(32, 3L, "cannot hold the 3 entries")]
    [InlineData(32, 1L, "more entries than the 1")]
    [InlineData(32, 0L, "says that it holds nothing")]
    [InlineData(40, -1L, "outside of the file")]
    [InlineData(40, long.MaxValue, "outside of the file")]
    [InlineData(40, 40L, "cannot hold the 2 entries")]
    [InlineData(48, -1L, "outside of the file")]
    [InlineData(48, long.MaxValue, "outside of the file")]
    [InlineData(48, 3L, "not where it says")]
    public void A_wide_end_that_is_wrong_is_refused_with_what_is_wrong(int at, long value, string says)
    {
        byte[] zip = Wide();
        BinaryPrimitives.WriteInt64LittleEndian(zip.AsSpan(zip.Length - EndBytes - LocatorBytes - End64Bytes + at), value);
        Assert.Contains(says, Refusal(zip), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_locator_that_points_outside_is_refused(long where)
    {
        byte[] zip = Wide();
        BinaryPrimitives.WriteInt64LittleEndian(zip.AsSpan(zip.Length - EndBytes - LocatorBytes + 8), where);
        Assert.Contains("outside of the file", Refusal(zip), StringComparison.Ordinal);
    }

    [Fact]
    public void A_locator_that_points_at_something_else_is_refused()
    {
        byte[] zip = Wide();
        BinaryPrimitives.WriteInt64LittleEndian(zip.AsSpan(zip.Length - EndBytes - LocatorBytes + 8), 1);
        Assert.Contains("damaged", Refusal(zip), StringComparison.Ordinal);
    }

    [Fact]
    public void The_undamaged_one_is_read() => Assert.Equal(["a.png", "b.png"], Names(Wide()));

    [Fact]
    public void A_comment_may_hold_what_looks_like_an_end()
    {
        // Of nothing at its own place, of something that is no directory, and of more than there is.
        byte[] zip = Plain();
        byte[] comment = [.. "see "u8, .. End(0, 0, zip.Length + 4), .. End(1, 46, 0), .. End(2, 92, int.MaxValue), .. End(0, 0, 0)];
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - 2), (ushort)comment.Length);
        Assert.Equal(["a.png", "b.png"], Names([.. zip, .. comment]));
    }

    [Fact]
    public void An_archive_within_an_archive_is_not_taken_for_it()
    {
        byte[] zip = Zip(CompressionLevel.NoCompression, ("a.png", TinyPng.Of(1)), ("inner.zip", Plain()));
        Assert.Equal(["a.png", "inner.zip"], Names(zip));
    }

    [Fact]
    public void A_count_that_wrapped_at_16_bits_is_refused_instead_of_losing_files()
    {
        byte[] zip = Zip(CompressionLevel.NoCompression, [.. Enumerable.Range(0, 70).Select(i => ($"{i}.png", TinyPng.Of(i)))]);
        foreach (int at in (int[])[8, 10]) BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - EndBytes + at), 70 - 64);
        Assert.Contains("more entries than the 6", Refusal(zip), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1L, 10L)]
    [InlineData(10L, -1L)]
    [InlineData(long.MaxValue, 10L)]
    public void Sizes_that_no_entry_has_are_refused(long size, long packed)
    {
        byte[] extra = [1, 0, 24, 0, .. BitConverter.GetBytes(size), .. BitConverter.GetBytes(packed), .. BitConverter.GetBytes(0L)];
        Assert.Contains("an entry of", Refusal(WithExtra(extra)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 29)]
    public void An_entry_beyond_the_file_is_an_image_that_cannot_be_read(long offset)
    {
        byte[] extra = [1, 0, 24, 0, .. BitConverter.GetBytes(10L), .. BitConverter.GetBytes(10L), .. BitConverter.GetBytes(offset)];
        using var zip = new ImageZip(files.Write("beyond.zip", WithExtra(extra)));
        Assert.Equal(1, zip.Count);
        var thrown = Record.Exception(() => zip.Read(0));
        Assert.True(thrown is IOException or InvalidDataException, thrown?.ToString());
    }

    [Fact]
    public void A_wide_field_that_ends_early_is_refused()
    {
        Assert.Contains("damaged", Refusal(WithExtra([1, 0, 12, 0, .. BitConverter.GetBytes(10L), 1, 2, 3, 4])), StringComparison.Ordinal);
        Assert.Contains("damaged", Refusal(WithExtra([1, 0, 0xFF, 0xFF, .. BitConverter.GetBytes(10L), 1, 2, 3, 4])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_shard_is_an_error_at_its_line_that_says_what_is_wrong()
    {
        files.Write("shards/0.zip", Plain());
        byte[] zip = Wide();
        BinaryPrimitives.WriteInt64LittleEndian(zip.AsSpan(zip.Length - EndBytes - LocatorBytes - End64Bytes + 48), -1);
        files.Write("shards/1.zip", zip);
        string list = files.Write("shards/list.txt", "# two\n0.zip\n  1.zip\n"u8.ToArray());
        var refused = Refused(() => Dataset.Open(Options(list) with { IsShardList = true }, [Input("x", -1, 1, 2, 2)], []).Dispose());
        Assert.Equal(("HAQ0102", new SourceLocation(list, 3, 3)), (refused.Descriptor.Code, refused.Location));
        Assert.Contains("'1.zip': it is not a complete zip file: its directory lies outside of the file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_listed_by_its_absolute_path_again_is_refused_where_it_stands()
    {
        string zip = files.Write("twice/0.zip", Plain()), list = files.Write("twice/list.txt", Encoding.UTF8.GetBytes($"{zip}\n../twice/0.zip\n"));
        var refused = Refused(() => ShardList.Read(Reference(list)));
        Assert.Equal(("HAQ0111", new SourceLocation(list, 2, 1)), (refused.Descriptor.Code, refused.Location));
        Assert.Contains("again, as in line 1", refused.Message, StringComparison.Ordinal);
    }

    private string Refusal(byte[] zip) => Assert.Throws<InvalidDataException>(() => new ImageZip(files.Write("damaged.zip", zip)).Dispose()).Message;

    private string[] Names(byte[] zip)
    {
        using var handle = File.OpenHandle(files.Write("sound.zip", zip));
        return [.. ZipDirectory.Read(handle).Select(e => e.Name)];
    }

    private static byte[] Plain() => Zip(CompressionLevel.NoCompression, ("a.png", TinyPng.Of(1)), ("b.png", TinyPng.Of(2)));

    // The same with an end of both forms.
    private static byte[] Wide()
    {
        byte[] plain = Plain();
        var (body, end) = (plain[..^EndBytes], plain[^EndBytes..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(12)), start = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        return [.. body, .. End64(2, size, start), .. "PK\x06\x07"u8, 0, 0, 0, 0, .. BitConverter.GetBytes((long)body.Length), 1, 0, 0, 0, .. End(-1, -1, -1)];
    }

    // One central entry whose sizes and place are in an extra field.
    private static byte[] WithExtra(byte[] extra)
    {
        byte[] entry =
        [
            .. "PK\x01\x02"u8, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 5, 0, .. BitConverter.GetBytes((short)extra.Length),
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. "a.png"u8, .. extra,
        ];
        return [.. entry, .. End(1, entry.Length, 0)];
    }

    private static byte[] End(int count, int size, int start) =>
        [.. "PK\x05\x06"u8, 0, 0, 0, 0, .. BitConverter.GetBytes((short)count), .. BitConverter.GetBytes((short)count), .. BitConverter.GetBytes(size), .. BitConverter.GetBytes(start), 0, 0];

    private static byte[] End64(long count, long size, long start) =>
    [
        .. "PK\x06\x06"u8, .. BitConverter.GetBytes(44L), 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        .. BitConverter.GetBytes(count), .. BitConverter.GetBytes(count), .. BitConverter.GetBytes(size), .. BitConverter.GetBytes(start),
    ];
}
