using Haq.Engine.Files;
using Haq.Engine.Pipeline.Inputs;

namespace Haq.Engine.Tests.Pipeline;

public sealed class DigestMemoryTests : IDisposable
{
    private static readonly string s_made = new('a', 64);

    private readonly string _folder = Directory.CreateTempSubdirectory("haq-memory-").FullName;
    private readonly DigestMemory _memory;

    public DigestMemoryTests()
    {
        _memory = new DigestMemory(Path.Combine(_folder, "cache"));
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "a.png"), "a");
        File.WriteAllText(Path.Combine(Data, "b.png"), "b");
    }

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_that_looks_as_it_did_is_not_read_again()
    {
        _memory.Keep(Data, Later(Data), s_made);
        Assert.Equal(s_made, _memory.Find(Data, Later(Data)));
        Assert.Null(_memory.Find(_folder, Later(_folder)));
        File.SetLastWriteTimeUtc(Path.Combine(Data, "b.png"), DateTime.UnixEpoch);
        Assert.Null(_memory.Find(Data, Later(Data)));
    }

    [Fact]
    public void What_was_just_written_is_neither_remembered_nor_recognized()
    {
        var fresh = FileRecord.Take(Data, DateTime.UtcNow);
        Assert.True(fresh.IsFresh);
        _memory.Keep(Data, fresh, s_made);
        Assert.Null(_memory.Find(Data, Later(Data)));
        _memory.Keep(Data, Later(Data), s_made);
        Assert.Null(_memory.Find(Data, fresh));
    }

    [Fact]
    public void Small_files_are_read_each_time_and_large_ones_are_known()
    {
        string small = Path.Combine(Data, "a.png"), large = Path.Combine(_folder, "large.bin");
        using (var file = File.Create(large)) file.SetLength(17 << 20);
        foreach (string path in (string[])[small, large]) _memory.Keep(path, Later(path), s_made);
        Assert.Null(_memory.Find(small, Later(small)));
        Assert.Equal(s_made, _memory.Find(large, Later(large)));
    }

    [Fact]
    public void A_damaged_entry_and_a_cache_that_cannot_be_written_are_as_none()
    {
        _memory.Keep(Data, Later(Data), s_made);
        string entry = Assert.Single(Directory.GetFiles(Path.Combine(_folder, "cache"), "*", SearchOption.AllDirectories));
        File.WriteAllText(entry, File.ReadAllText(entry).Replace("aaaa", "aaab", StringComparison.Ordinal));
        Assert.Null(_memory.Find(Data, Later(Data)));
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var nowhere = new DigestMemory(Path.Combine(_folder, "file"));
        nowhere.Keep(Data, Later(Data), s_made);
        Assert.Null(nowhere.Find(Data, Later(Data)));
    }

    [Fact]
    public void A_ledger_takes_what_is_remembered_and_remembers_what_it_takes()
    {
        // Long enough ago for its stamp to prove something.
        string real = ContentDigest.Of(Data);
        while (FileRecord.Take(Data, DateTime.UtcNow).IsFresh) Thread.Sleep(100);
        Assert.Equal(real, new InputLedger(_folder, _memory, null).DigestOf(Data));
        Assert.Equal(real, _memory.Find(Data, Later(Data)));
        _memory.Keep(Data, Later(Data), s_made);
        Assert.Equal(s_made, new InputLedger(_folder, _memory, null).DigestOf(Data));
        Assert.Equal(real, new InputLedger(_folder).DigestOf(Data));
    }

    private static FileRecord Later(string path) => FileRecord.Take(path, DateTime.UtcNow.AddMinutes(1));
}
