using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Uploading;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>Two machines and a server between them.</summary>
public sealed class RemoteCacheTests : IDisposable
{
    private static readonly byte[] s_content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000)));
    private readonly RemoteWorld _world = new();
    private readonly CacheServer _server = new();

    public void Dispose()
    {
        _world.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void What_one_machine_made_another_one_takes()
    {
        var key = RemoteWorld.Key("a");
        var settings = RemoteWorld.Settings(_server.Address + "/team/");
        Assert.True(RemoteWorld.Get(_world.Machine("one", settings), key, ("x", s_content), ("below/y", [])).IsMade);
        var sent = _world.Send("one", settings);
        Assert.Equal((1, 0, 0, null), (sent.Sent, sent.Left, sent.Dropped, sent.Failure));
        Assert.All(_server.Content, c => Assert.Matches("^/team/(ac|cas)/[0-9a-f]{64}$", c.Key));
        var (path, archive) = _server.Content.Single(c => c.Key.StartsWith("/team/cas/", StringComparison.Ordinal));
        Assert.Equal(path[10..], Convert.ToHexStringLower(SHA256.HashData(archive)));

        var other = _world.Machine("other", settings);
        var (folder, isMade) = RemoteWorld.Get(other, key);
        Assert.False(isMade);
        Assert.Equal(s_content, File.ReadAllBytes(Path.Combine(folder, "x")));
        Assert.True(File.Exists(Path.Combine(folder, "below", "y")));
        Assert.Null(other.Remote!.TakeWarning());
        Assert.False(other.Remote.HasUploads);
        // From now on it is here.
        int asked = _server.Requests.Count;
        Assert.Equal(folder, RemoteWorld.Get(_world.Machine("other", settings), key).Folder);
        Assert.Equal(asked, _server.Requests.Count);
    }

    [Fact]
    public void What_is_only_looked_for_is_found_there_as_well()
    {
        var settings = Shared("a");
        string? found = _world.Machine("other", settings).Find(RemoteWorld.Key("a"));
        Assert.Equal(s_content, File.ReadAllBytes(Path.Combine(found!, "x")));
        Assert.Null(_world.Machine("other", settings).Find(RemoteWorld.Key("b")));
    }

    [Fact]
    public void What_the_server_does_not_have_is_asked_for_once()
    {
        var cache = _world.Machine("one", RemoteWorld.Settings(_server.Address));
        Assert.Null(cache.Find(RemoteWorld.Key("a")));
        RemoteWorld.Get(cache, RemoteWorld.Key("a"), ("x", s_content));
        Assert.Single(_server.Requests);
        Assert.Null(cache.Remote!.TakeWarning());
    }

    [Fact]
    public void A_machine_that_only_reads_sends_nothing()
    {
        var settings = RemoteSettings.Read(_server.Address, "read", _ => null)!;
        var cache = _world.Machine("one", settings);
        RemoteWorld.Get(cache, RemoteWorld.Key("a"), ("x", s_content));
        Assert.False(cache.Remote!.HasUploads);
        Assert.DoesNotContain(_server.Requests, r => r.Method == "PUT");
    }

    [Fact]
    public void Content_that_was_thrown_away_there_is_as_good_as_none()
    {
        var settings = Shared("a");
        foreach (string path in _server.Content.Keys.Where(k => k.StartsWith("/cas/", StringComparison.Ordinal))) _server.Content.TryRemove(path, out _);
        var cache = _world.Machine("other", settings);
        Assert.True(RemoteWorld.Get(cache, RemoteWorld.Key("a"), ("x", s_content)).IsMade);
        Assert.Null(cache.Remote!.TakeWarning());
        Assert.Equal(1, _world.Send("other", settings).Sent);
        Assert.False(RemoteWorld.Get(_world.Machine("third", settings), RemoteWorld.Key("a")).IsMade);
    }

    [Fact]
    public void What_is_named_there_without_its_content_is_sent_again_by_whoever_has_it()
    {
        var settings = Shared("a");
        foreach (string path in _server.Content.Keys.Where(k => k.StartsWith("/cas/", StringComparison.Ordinal))) _server.Content.TryRemove(path, out _);
        _world.Machine("one", settings).Remote!.Offer(RemoteWorld.Key("a").ToString());
        Assert.Equal(1, _world.Send("one", settings).Sent);
    }

    [Fact]
    public void What_is_of_this_machine_is_neither_sent_nor_taken()
    {
        var settings = Shared("a");
        var run = _world.Machine("other", settings).ForRun(() => { });
        run.KeepHere(RemoteWorld.Key("a"));
        Assert.Null(run.Find(RemoteWorld.Key("a"), CancellationToken.None));
        int asked = _server.Requests.Count;
        run.GetOrCreate(RemoteWorld.Key("a"), f => File.WriteAllText(Path.Combine(f, "x"), "of my board"), null, CancellationToken.None);
        run.Offer(RemoteWorld.Key("a"));
        run.Release();
        var drain = new UploadDrain(new StageCache(_world["other"]), settings);
        Assert.Equal(0, drain.QueueAll());
        Assert.Equal(0, drain.Run(_ => { }, CancellationToken.None).Sent);
        Assert.Equal(asked, _server.Requests.Count);
    }

    [Fact]
    public void A_server_that_takes_long_over_every_answer_is_left_aside()
    {
        foreach (int i in Enumerable.Range(0, 12)) Shared(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _server.Fault = r => _server.Content.TryGetValue(r.Path, out byte[]? found) ? new(200, found) { Delay = TimeSpan.FromSeconds(0.2) } : new(404);
        int before = _server.Requests.Count;
        var cache = _world.Machine("other", RemoteWorld.Settings(_server.Address, ("HAQ_REMOTE_CACHE_TIMEOUT", "0.4")));
        foreach (int i in Enumerable.Range(0, 12)) RemoteWorld.Get(cache, RemoteWorld.Key(i.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("x", s_content));
        Assert.InRange(_server.Requests.Count - before, 1, 7);
        Assert.Equal("HAQ1960", cache.Remote!.TakeWarning()?.Descriptor.Code);
    }

    public static TheoryData<string> Failures => [.. s_failures.Keys];

    // Stands for the length that the archive has.
    private const long ArchiveBytes = -1;

    private static readonly Dictionary<string, Func<CacheRequest, CacheAnswer?>> s_failures = new()
    {
        ["says nothing"] = _ => CacheAnswer.Silence,
        ["stalls in an entry"] = r => r.Path.StartsWith("/ac/", StringComparison.Ordinal) ? new(200, [1, 2]) { Length = 100, Stalls = true } : null,
        ["stalls in an archive"] = r => r.Path.StartsWith("/cas/", StringComparison.Ordinal) ? CacheAnswer.Silence : null,
        ["asks for credentials"] = _ => new(401), ["forbids"] = _ => new(403), ["fails"] = _ => new(500), ["is full"] = _ => new(507), ["limits"] = _ => new(429),
        ["breaks off"] = r => r.Path.StartsWith("/ac/", StringComparison.Ordinal) ? new(200, [1, 2]) { Length = 100 } : null,
        ["resets in an entry"] = r => r.Path.StartsWith("/ac/", StringComparison.Ordinal) ? new(200, [1, 2]) { Length = 100, Resets = true } : null,
        ["resets in an archive"] = r => r.Path.StartsWith("/cas/", StringComparison.Ordinal) ? new(200, [1, 2]) { Resets = true, Length = ArchiveBytes } : null,
        ["redirects in a circle"] = r => new(307) { Location = r.Path },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_server_that_fails_costs_one_request_and_one_warning(string failure)
    {
        Shared("a");
        Shared("b");
        _server.Fault = r => s_failures[failure](r) is { } answer ? answer.Length == ArchiveBytes ? answer with { Length = _server.Content[r.Path].Length } : answer : null;
        int before = _server.Requests.Count;
        var cache = _world.Machine("other", RemoteWorld.Settings(_server.Address, ("HAQ_REMOTE_CACHE_TIMEOUT", "0.3")));
        foreach (string name in (string[])["a", "b", "c"])
        {
            var (folder, isMade) = RemoteWorld.Get(cache, RemoteWorld.Key(name), ("x", s_content));
            Assert.True(isMade);
            Assert.Equal(s_content, File.ReadAllBytes(Path.Combine(folder, "x")));
        }
        Assert.InRange(_server.Requests.Count - before, 1, 5);
        var warning = cache.Remote!.TakeWarning();
        Assert.Equal("HAQ1960", warning?.Descriptor.Code);
        Assert.Contains($"http://localhost:{_server.Port}/ is left aside", warning!.Message, StringComparison.Ordinal);
        Assert.Null(cache.Remote.TakeWarning());
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_world["other"], "stage"), "*.tmp"));
    }

    [Fact]
    public void Nobody_there_costs_one_warning()
    {
        string address;
        using (var gone = new CacheServer()) address = gone.Address;
        var settings = RemoteWorld.Settings(address);
        var cache = _world.Machine("one", settings);
        Assert.True(RemoteWorld.Get(cache, RemoteWorld.Key("a"), ("x", s_content)).IsMade);
        Assert.Equal("HAQ1960", cache.Remote!.TakeWarning()?.Descriptor.Code);
    }

    public static TheoryData<string> Lies => [.. s_lies.Keys];

    private static readonly Dictionary<string, Func<CacheServer, CacheRequest, CacheAnswer?>> s_lies = new()
    {
        ["an entry of noise"] = (_, r) => Entry(r) ? new(200, "no protobuf, and nothing of ours"u8.ToArray()) : null,
        ["an empty entry"] = (_, r) => Entry(r) ? new(200) : null,
        ["an endless entry"] = (_, r) => Entry(r) ? new(200, new byte[1 << 17]) : null,
        ["another result's entry"] = (s, r) => Entry(r) ? new(200, s.Content[$"/ac/{ActionEntry.PlaceOf(RemoteWorld.Key("b").ToString())}"]) : null,
        ["an archive of noise"] = (s, r) => Archive(r) ? new(200, Changed(s.Content[r.Path], c => c[^5] ^= 1)) : null,
        ["a short archive"] = (s, r) => Archive(r) ? new(200, s.Content[r.Path][..^1]) : null,
        ["a long archive"] = (s, r) => Archive(r) ? new(200, [.. s.Content[r.Path], 0]) : null,
        ["another archive"] = (s, r) => Archive(r) ? new(200, s.Content.First(c => c.Key.StartsWith("/cas/", StringComparison.Ordinal) && c.Key != r.Path).Value) : null,
        ["an entry that claims a disk's fill"] = (s, r) => Entry(r) ? new(200, (ActionEntry.Read(s.Content[r.Path]) with { Bytes = 1L << 50 }).Write()) : null,
        ["an entry that claims another size"] = (s, r) => Entry(r) ? new(200, (ActionEntry.Read(s.Content[r.Path]) with { Bytes = 7 }).Write()) : null,
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_server_that_lies_is_found_out_and_its_entry_replaced(string lie)
    {
        var settings = Shared("a");
        Shared("b", "other content"u8.ToArray());
        _server.Fault = r => s_lies[lie](_server, r);
        var cache = _world.Machine("other", settings);
        var (folder, isMade) = RemoteWorld.Get(cache, RemoteWorld.Key("a"), ("x", s_content));
        Assert.True(isMade);
        Assert.Equal(["contents.sha256", "x"], Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal(s_content, File.ReadAllBytes(Path.Combine(folder, "x")));
        var warning = cache.Remote!.TakeWarning();
        Assert.Equal("HAQ1961", warning?.Descriptor.Code);
        Assert.Null(cache.Remote.TakeWarning());

        // What was refused is sent in its place, though the server has it.
        _server.Fault = _ => null;
        _server.Content[$"/ac/{ActionEntry.PlaceOf(RemoteWorld.Key("a").ToString())}"] = [];
        Assert.Equal(1, _world.Send("other", settings).Sent);
        Assert.False(RemoteWorld.Get(_world.Machine("third", settings), RemoteWorld.Key("a")).IsMade);
    }

    [Fact]
    public void Files_beside_the_sealed_ones_are_refused()
    {
        var settings = RemoteWorld.Settings(_server.Address);
        var key = RemoteWorld.Key("a");
        string folder = RemoteWorld.Get(_world.Machine("one", settings), key, ("x", s_content)).Folder;
        // Whoever seals before he adds: the archive is whole, and what it holds is not what was sealed.
        File.WriteAllText(Path.Combine(folder, "extra"), "");
        Assert.Equal(1, _world.Send("one", settings).Sent);
        var cache = _world.Machine("other", settings);
        Assert.True(RemoteWorld.Get(cache, key, ("x", s_content)).IsMade);
        Assert.Contains("not those that it was sealed with", cache.Remote!.TakeWarning()!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_secret_only_what_the_team_wrote_is_taken()
    {
        Shared("a");
        (string, string) ours = ("HAQ_REMOTE_CACHE_SECRET", "ours");
        var signing = RemoteWorld.Settings(_server.Address, ours);
        var cache = _world.Machine("other", signing);
        Assert.True(RemoteWorld.Get(cache, RemoteWorld.Key("a"), ("x", s_content)).IsMade);
        Assert.Contains("not signed", cache.Remote!.TakeWarning()!.Message, StringComparison.Ordinal);
        Assert.Equal(1, _world.Send("other", signing).Sent);
        Assert.False(RemoteWorld.Get(_world.Machine("third", signing), RemoteWorld.Key("a")).IsMade);
        Assert.True(RemoteWorld.Get(_world.Machine("fourth", RemoteWorld.Settings(_server.Address, ("HAQ_REMOTE_CACHE_SECRET", "theirs"))), RemoteWorld.Key("a"), ("x", s_content)).IsMade);
    }

    private RemoteSettings Shared(string name, byte[]? content = null)
    {
        var settings = RemoteWorld.Settings(_server.Address);
        RemoteWorld.Get(_world.Machine("one", settings), RemoteWorld.Key(name), ("x", content ?? s_content));
        Assert.Equal(1, _world.Send("one", settings).Sent);
        return settings;
    }

    private static bool Entry(CacheRequest request) => request.Method == "GET" && request.Path == $"/ac/{ActionEntry.PlaceOf(RemoteWorld.Key("a").ToString())}";

    private static bool Archive(CacheRequest request) => request.Method == "GET" && request.Path.StartsWith("/cas/", StringComparison.Ordinal);

    private static byte[] Changed(byte[] content, Action<byte[]> change)
    {
        byte[] changed = [.. content];
        change(changed);
        return changed;
    }
}
