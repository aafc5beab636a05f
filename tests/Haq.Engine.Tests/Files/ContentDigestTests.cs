using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Files;

namespace Haq.Engine.Tests.Files;

public sealed class ContentDigestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-digest-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 14) - 1)]
    [InlineData(1 << 14)]
    [InlineData((1 << 18) + 1)]
    [InlineData(3 << 18)]
    public void Of_a_file_it_is_the_plain_SHA_256(int bytes)
    {
        byte[] content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        string path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, content);
        long last = 0;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), ContentDigest.Of(path, (done, of) => last = done == of ? done : last));
        Assert.Equal(bytes, last);
    }

    [Fact]
    public void Of_a_folder_it_is_of_names_and_digests_in_order_whatever_their_number()
    {
        const int count = 9000;
        for (int i = 0; i < count; i++)
        {
            string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{i % 3}"), string.Create(CultureInfo.InvariantCulture, $"{i * 7919 % count}"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, path);
        }
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string item in (string[])["stage", "folder", "version", "1"]) Frame(expected, item);
        string[] names = [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        foreach (string name in names)
        {
            Frame(expected, name);
            Frame(expected, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, name)))));
        }
        var told = new List<long>();
        Assert.Equal(Convert.ToHexStringLower(expected.GetHashAndReset()), ContentDigest.Of(_folder, (done, of) =>
        {
            Assert.Equal(count, of);
            told.Add(done);
        }));
        Assert.Equal([0L, 4096, 8192], told);
        // The stamp of many files, which are looked at side by side, changes with any of them and with nothing else.
        var stamp = FileStamp.Of(_folder);
        Assert.Equal((count, stamp), (stamp.Size, FileStamp.Of(_folder)));
        File.WriteAllText(Path.Combine(_folder, names[5000]), "another");
        Assert.NotEqual(stamp, FileStamp.Of(_folder));
    }

    [Fact]
    public void Reading_ends_where_the_watcher_ends_it()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "content");
        foreach (string path in (string[])[_folder, Path.Combine(_folder, "file")])
            Assert.Throws<OperationCanceledException>(() => ContentDigest.Of(path, (_, _) => throw new OperationCanceledException()));
    }

    private static void Frame(IncrementalHash hash, string item)
    {
        byte[] text = Encoding.UTF8.GetBytes(item);
        hash.AppendData(BitConverter.GetBytes(text.Length));
        hash.AppendData(text);
    }
}
