using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

public sealed class StageCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StageCache _cache;

    public StageCacheTests() => _cache = new StageCache(_folder["cache"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_entry_is_made_once_and_then_found()
    {
        int made = 0;
        string Make() => _cache.GetOrCreate(Key("a"), dir => { made++; File.WriteAllText(Path.Combine(dir, "x"), "1"); }, null, CancellationToken.None);
        string first = Make(), second = Make();
        Assert.Equal(first, second);
        Assert.Equal(1, made);
        Assert.Equal("1", File.ReadAllText(Path.Combine(second, "x")));
    }

    [Fact]
    public void A_damaged_entry_is_made_again()
    {
        string Make(string content) => _cache.GetOrCreate(Key("a"), dir => File.WriteAllText(Path.Combine(dir, "x"), content), null, CancellationToken.None);
        string entry = Make("whole");
        File.WriteAllText(Path.Combine(entry, "x"), "torn");
        Assert.Null(_cache.Find(Key("a")));
        Assert.Equal("whole", File.ReadAllText(Path.Combine(Make("whole"), "x")));
    }

    [Fact]
    public void A_seal_that_was_cut_short_vouches_for_nothing()
    {
        string entry = _cache.GetOrCreate(Key("a"), dir =>
        {
            File.WriteAllText(Path.Combine(dir, "x"), "1");
            File.WriteAllText(Path.Combine(dir, "y"), "2");
        }, null, CancellationToken.None);
        string seal = Path.Combine(entry, "contents.sha256"), whole = File.ReadAllText(seal);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllText(seal, whole[..length]);
            Assert.Null(_cache.Find(Key("a")));
        }
        File.WriteAllText(seal, whole);
        Assert.Equal(entry, _cache.Find(Key("a")));
    }

    [Fact]
    public void A_failed_stage_leaves_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => _cache.GetOrCreate(Key("a"), dir =>
        {
            File.WriteAllText(Path.Combine(dir, "half"), "");
            throw new InvalidOperationException();
        }, null, CancellationToken.None));
        Assert.Null(_cache.Find(Key("a")));
        Assert.Empty(_cache.Entries());
    }

    [Fact]
    public void Two_at_once_make_one_entry()
    {
        int made = 0;
        Parallel.For(0, 4, _ => _cache.GetOrCreate(Key("a"), dir =>
        {
            Interlocked.Increment(ref made);
            Thread.Sleep(20);
            File.WriteAllText(Path.Combine(dir, "x"), "1");
        }, null, CancellationToken.None));
        Assert.Equal(1, made);
    }

    [Fact]
    public void Waiting_for_another_maker_can_be_cancelled()
    {
        using var held = _cache.Lock(Key("a"), null, CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => _cache.GetOrCreate(Key("a"), _ => { }, cancelled.Cancel, cancelled.Token));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_a_clear_error()
    {
        File.WriteAllText(_folder["file"], "");
        var cache = new StageCache(_folder["file"]);
        var error = Assert.Throws<HaqException>(() => cache.GetOrCreate(Key("a"), _ => { }, null, CancellationToken.None));
        Assert.Equal("HAQ0801", error.Diagnostic.Descriptor.Code);
    }

    [Fact]
    public void Pruning_removes_the_least_recently_used_first()
    {
        foreach (string name in new[] { "old", "new" })
            _cache.GetOrCreate(Key(name), dir => File.WriteAllBytes(Path.Combine(dir, "x"), new byte[1000]), null, CancellationToken.None);
        Directory.SetLastWriteTimeUtc(_cache.Find(Key("old"))!, DateTime.UnixEpoch);
        var removed = Assert.Single(_cache.Prune(keepBytes: 1500));
        Assert.EndsWith(Key("old").Digest, removed.Folder, StringComparison.Ordinal);
        Assert.NotNull(_cache.Find(Key("new")));
    }

    [Fact]
    public void An_entry_in_use_survives_a_clean_up()
    {
        var run = _cache.ForRun(() => { });
        string entry = run.GetOrCreate(Key("a"), dir => File.WriteAllText(Path.Combine(dir, "x"), "1"), null, CancellationToken.None);
        Assert.Empty(_cache.Prune(0));
        Assert.Equal("1", File.ReadAllText(Path.Combine(entry, "x")));
        run.Release();
        Assert.Single(_cache.Prune(0));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_cache.Root, "test")));
    }

    [Fact]
    public async Task Two_hundred_runs_against_two_clean_ups_that_never_rest()
    {
        using var done = new CancellationTokenSource();
        void Prune()
        {
            var other = new StageCache(_cache.Root);
            while (!done.IsCancellationRequested) other.Prune(0);
        }
        var pruning = Task.WhenAll(Task.Run(Prune), Task.Run(Prune));
        int made = 0;
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var run = new StageCache(_cache.Root).ForRun(() => { });
            foreach (string name in (string[])["a", "b"])
            {
                string entry = run.GetOrCreate(Key(name), dir =>
                {
                    Interlocked.Increment(ref made);
                    File.WriteAllText(Path.Combine(dir, "x"), name);
                }, null, CancellationToken.None);
                Assert.Equal(name, File.ReadAllText(Path.Combine(entry, "x")));
            }
            run.Release();
        });
        await done.CancelAsync();
        await pruning;
        Assert.InRange(made, 2, 400);
    }

    [Fact]
    public void What_a_killed_maker_left_is_removed_by_the_next()
    {
        string left = Directory.CreateDirectory(Path.Combine(_cache.Root, "test", Key("a").Digest + ".1234.tmp")).FullName;
        _cache.GetOrCreate(Key("a"), dir => File.WriteAllText(Path.Combine(dir, "x"), "1"), null, CancellationToken.None);
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public void A_cache_that_is_removed_while_an_entry_is_made_is_begun_anew()
    {
        int made = 0;
        string entry = _cache.GetOrCreate(Key("a"), dir =>
        {
            if (made++ == 0) Directory.Delete(_cache.Root, recursive: true);
            File.WriteAllText(Path.Combine(dir, "x"), "1");
        }, null, CancellationToken.None);
        Assert.Equal(2, made);
        Assert.Equal("1", File.ReadAllText(Path.Combine(entry, "x")));
    }

    [Fact]
    public void Neighbouring_values_do_not_run_together()
    {
        using var one = new StageKeyBuilder("s", 1).Add("a", "bc").Add("d", "");
        using var other = new StageKeyBuilder("s", 1).Add("ab", "c").Add("d", "");
        using var newer = new StageKeyBuilder("s", 2).Add("a", "bc").Add("d", "");
        Assert.Equal(3, new[] { one.Build(), other.Build(), newer.Build() }.Distinct().Count());
    }

    private static StageKey Key(string value)
    {
        using var key = new StageKeyBuilder("test", 1).Add("value", value);
        return key.Build();
    }
}
