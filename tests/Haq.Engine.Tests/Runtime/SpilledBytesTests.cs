using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Runtime;

public sealed class SpilledBytesTests
{
    [Fact]
    public void What_was_written_is_read_from_every_thread_and_the_file_goes_with_it()
    {
        using var folder = new TemporaryFolder();
        long[] at = new long[64];
        using (var spilled = new SpilledBytes(folder.Path))
        {
            Parallel.For(0, at.Length, i => at[i] = spilled.Add(Content(i))!.Value);
            Assert.Equal(OperatingSystem.IsWindows() ? 1 : 0, Directory.GetFiles(folder.Path).Length);
            Parallel.For(0, 4 * at.Length, i =>
            {
                byte[] read = new byte[Content(i % at.Length).Length];
                spilled.Read(at[i % at.Length], read);
                Assert.Equal(Content(i % at.Length), read);
            });
        }
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_disk_that_takes_nothing_is_asked_once_and_nothing_is_kept()
    {
        using var folder = new TemporaryFolder();
        string later = Path.Combine(folder.Path, "later");
        using var spilled = new SpilledBytes(later);
        Assert.Null(spilled.Add([1, 2, 3]));
        Directory.CreateDirectory(later);
        Assert.Null(spilled.Add([1]));
        Assert.Empty(Directory.GetFiles(later));
    }

    private static byte[] Content(int i) => [.. Enumerable.Range(0, 1000 + 37 * i).Select(b => (byte)(b * 31 + i))];
}
