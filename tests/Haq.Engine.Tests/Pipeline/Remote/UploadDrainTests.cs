using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Uploading;

namespace Haq.Engine.Tests.Pipeline.Remote;

public sealed class UploadDrainTests : IDisposable
{
    private readonly RemoteWorld _world = new();
    private readonly CacheServer _server = new();
    private readonly RemoteSettings _settings;
    private readonly StageCache _cache;

    public UploadDrainTests()
    {
        _settings = RemoteWorld.Settings(_server.Address);
        _cache = _world.Machine("one", _settings);
    }

    public void Dispose()
    {
        _world.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(507)]
    [InlineData(500)]
    [InlineData(403)]
    public void What_a_server_does_not_take_waits_and_the_next_build_says_so_once(int status)
    {
        Make("a", "b");
        _server.Fault = r => r.Method == "PUT" ? new(status) : null;
        var result = _world.Send("one", _settings);
        Assert.Equal((0, 2), (result.Sent, result.Left));
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), result.Failure, StringComparison.Ordinal);
        Assert.Single(_server.Requests, r => r.Method == "PUT");

        var next = _world.Machine("one", _settings).Remote!;
        Assert.Equal("HAQ1962", next.TakeWarning()?.Descriptor.Code);
        Assert.Null(next.TakeWarning());
        Assert.True(next.HasUploads);
        _server.Fault = _ => null;
        Assert.Equal(2, _world.Send("one", _settings).Sent);
        Assert.False(next.HasUploads);
    }

    [Fact]
    public void What_is_too_large_for_the_server_does_not_hold_up_the_rest()
    {
        Make("a", "b");
        int refused = 0;
        _server.Fault = r => r.Method == "PUT" && refused++ == 0 ? new(413) : null;
        var result = _world.Send("one", _settings);
        Assert.Equal((1, 1, 0, null), (result.Sent, result.Dropped, result.Left, result.Failure));
        Assert.Contains("413", _world.Machine("one", _settings).Remote!.TakeWarning()!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_server_has_is_not_sent_again()
    {
        Make("a");
        Assert.Equal(1, _world.Send("one", _settings).Sent);
        _cache.Remote!.Offer(RemoteWorld.Key("a").ToString());
        var again = _world.Send("one", _settings);
        Assert.Equal((0, 1, 0), (again.Sent, again.Present, again.Left));
        Assert.Equal(2, _server.Requests.Count(r => r.Method == "PUT"));
    }

    [Fact]
    public void An_entry_comes_after_its_content()
    {
        Make("a");
        _world.Send("one", _settings);
        Assert.Equal(["cas", "ac"], _server.Requests.Where(r => r.Method == "PUT").Select(r => r.Path.Split('/')[1]));
    }

    [Fact]
    public void What_waits_too_long_or_is_gone_is_dropped_and_said()
    {
        Make("old", "gone", "new");
        string queue = Path.Combine(_world["one"], "uploads");
        File.SetLastWriteTimeUtc(Directory.GetFiles(queue).Single(f => f.Contains(RemoteWorld.Key("old").Digest, StringComparison.Ordinal)), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-15));
        Directory.Delete(Path.Combine(_world["one"], "stage", RemoteWorld.Key("gone").Digest), recursive: true);
        var said = new List<string>();
        var result = new UploadDrain(new StageCache(_world["one"]), _settings).Run(said.Add, CancellationToken.None);
        Assert.Equal((1, 2, 0), (result.Sent, result.Dropped, result.Left));
        Assert.Contains(said, s => s.Contains("waited for more than 14 days", StringComparison.Ordinal));
        Assert.Contains(said, s => s.Contains("no longer in the local cache", StringComparison.Ordinal));
        Assert.Contains("14 days", _world.Machine("one", _settings).Remote!.TakeWarning()!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_sends_at_a_time()
    {
        Make("a");
        using (new FileStream(Path.Combine(_world["one"], "uploads", $"{_settings.Mark}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            Assert.True(_world.Send("one", _settings).IsBusy);
        Assert.Equal(1, _world.Send("one", _settings).Sent);
    }

    [Fact]
    public void What_was_made_before_there_was_a_server_is_sent_when_asked_for()
    {
        new StageCache(_world["before"]).GetOrCreate(RemoteWorld.Key("a"), f => File.WriteAllText(Path.Combine(f, "x"), "1"), null, CancellationToken.None);
        var drain = new UploadDrain(new StageCache(_world["before"]), _settings);
        Assert.Equal(1, drain.QueueAll());
        Assert.Equal(1, drain.Run(_ => { }, CancellationToken.None).Sent);
    }

    [Fact]
    public void What_waits_for_one_server_is_not_sent_to_another()
    {
        Make("a");
        using var other = new CacheServer();
        Assert.Equal(0, _world.Send("one", RemoteWorld.Settings(other.Address)).Sent);
        Assert.Empty(other.Requests);
        Assert.True(_cache.Remote!.HasUploads);
    }

    [Theory]
    [InlineData("http://localhost:1/", false, false)]
    [InlineData("", true, true)]
    public void A_server_is_tried_out(string address, bool answers, bool takes)
    {
        Make("a");
        var settings = address.Length == 0 ? _settings : RemoteWorld.Settings(address);
        var state = RemoteProbe.Run(settings, _world["one"], CancellationToken.None);
        Assert.Equal((answers, takes), (state.Milliseconds is not null, state.TakesResults == true));
        Assert.Equal(answers, state.Trouble is null);
        Assert.Equal(answers ? 1 : 0, state.Waiting);
    }

    private void Make(params string[] names)
    {
        foreach (string name in names) RemoteWorld.Get(_cache, RemoteWorld.Key(name), ("x", System.Text.Encoding.UTF8.GetBytes(name)));
    }
}
