using System.Formats.Tar;
using System.IO.Compression;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Engine.Tests.Pipeline.Remote;

public sealed class EntryArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_files_give_the_same_bytes_and_come_back()
    {
        byte[] large = new byte[300_000];
        for (int i = 0; i < large.Length; i++) large[i] = (byte)(i * 2654435761 >> 13);
        string one = Fill("one", ("a.bin", large), ("below/b é.json", "{}"u8.ToArray()), ("empty", [])), two = Fill("two", ("empty", []), ("below/b é.json", "{}"u8.ToArray()), ("a.bin", large));
        File.SetLastWriteTimeUtc(Path.Combine(two, "a.bin"), new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc));
        var (first, bytes) = Pack(one);
        Assert.Equal(300_002, bytes);
        Assert.Equal(first, Pack(two).Archive);

        string back = Directory.CreateDirectory(_folder["back"]).FullName;
        EntryArchive.Unpack(new MemoryStream(first), back, bytes, CancellationToken.None);
        Assert.Equal(["a.bin", "below/b é.json", "empty"],
            Directory.EnumerateFiles(back, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(back, f).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Assert.Equal(large, File.ReadAllBytes(Path.Combine(back, "a.bin")));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/outside")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a\\b")]
    [InlineData("..")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        var failure = Refused(Tar(tar => Add(tar, TarEntryType.RegularFile, name)), 1);
        Assert.Contains("leads elsewhere", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["outside"]));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Directory)]
    [InlineData(TarEntryType.Fifo)]
    public void Anything_but_plain_files_is_refused(TarEntryType type) =>
        Assert.Contains("something else than plain files", Refused(Tar(tar => Add(tar, type, "a")), 0).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_files_of_one_name_are_refused() => Refused(Tar(tar =>
    {
        Add(tar, TarEntryType.RegularFile, "a");
        Add(tar, TarEntryType.RegularFile, "a");
    }), 2);

    [Fact]
    public void A_file_that_is_a_folder_as_well_is_refused() => Refused(Tar(tar =>
    {
        Add(tar, TarEntryType.RegularFile, "a");
        Add(tar, TarEntryType.RegularFile, "a/b");
    }), 2);

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void More_or_less_than_it_says_is_refused(int more)
    {
        var (archive, bytes) = Pack(Fill("some", ("a", new byte[5000])));
        Refused(archive, bytes + more);
    }

    // Names longer than a header holds stand in a record of their own, whose length no file's size tells.
    [Fact]
    public void A_name_that_fills_more_than_all_headers_may_take_is_refused() =>
        Refused(Tar(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, new string('a', 30_000_000)))), 0);

    [Fact]
    public void Any_cut_is_seen()
    {
        var (archive, bytes) = Pack(Fill("some", ("a", "content that is compressed"u8.ToArray()), ("b", "more"u8.ToArray())));
        for (int length = 0; length < archive.Length - 8; length++) Refused(archive[..length], bytes);
    }

    private RemoteFailure Refused(byte[] archive, long bytes)
    {
        string folder = Directory.CreateDirectory(_folder[$"into{Guid.NewGuid():N}"]).FullName;
        var failure = Assert.Throws<RemoteFailure>(() => EntryArchive.Unpack(new MemoryStream(archive), folder, bytes, CancellationToken.None));
        Assert.Equal(RemoteTrouble.Damaged, failure.Trouble);
        return failure;
    }

    private string Fill(string name, params (string Name, byte[] Content)[] files)
    {
        string folder = _folder[name];
        foreach (var (file, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllBytes(Path.Combine(folder, file), content);
        }
        return folder;
    }

    private static (byte[] Archive, long Bytes) Pack(string folder)
    {
        using var archive = new MemoryStream();
        long bytes = EntryArchive.Pack(folder, archive, CancellationToken.None);
        return (archive.ToArray(), bytes);
    }

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var archive = new MemoryStream();
        using (var compressed = new BrotliStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(compressed, TarEntryFormat.Pax)) write(tar);
        return archive.ToArray();
    }

    private static void Add(TarWriter tar, TarEntryType type, string name)
    {
        var entry = new PaxTarEntry(type, name);
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = "/etc/hostname";
        if (type == TarEntryType.RegularFile) entry.DataStream = new MemoryStream([1]);
        tar.WriteEntry(entry);
    }
}
