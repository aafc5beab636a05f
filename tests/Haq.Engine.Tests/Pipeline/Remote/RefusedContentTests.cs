using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>An entry that is whole, sealed and of the right key, and that a stage cannot read.</summary>
public sealed class RefusedContentTests : IDisposable
{
    private readonly RemoteWorld _world = new();
    private readonly CacheServer _server = new();

    public void Dispose()
    {
        _world.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void It_is_made_here(bool isLookedFor, bool isInUse)
    {
        var settings = RemoteWorld.Settings(_server.Address);
        var inputs = new TextInputs("what");
        var key = RecordDigest.Of("text", 1, inputs);
        RemoteWorld.Get(_world.Machine("one", settings), key, ("text", "bad"u8.ToArray()));
        Assert.Equal(1, _world.Send("one", settings).Sent);

        var cache = _world.Machine("other", settings);
        StageCache? user = null;
        using (var run = new StageRunner(cache, () => { }, null, CancellationToken.None))
        {
            var stage = new TextStage(() =>
            {
                if (!isInUse) return;
                // Another run holds the entry.
                user = new StageCache(cache.Root).ForRun(() => { });
                Assert.NotNull(user.Find(key));
            });
            var text = run.Add(stage, () => inputs);
            if (isLookedFor) Assert.False(text.TryGet(out _));
            Assert.Equal("good", text.Value);
        }
        user?.Release();
        Assert.Equal("HAQ1961", cache.Remote!.TakeWarning()?.Descriptor.Code);
    }

    private sealed record TextInputs(string Name);

    private sealed class TextStage(Action beforeRefusal) : CachedStage<TextInputs, string>
    {
        public override string Name => "text";

        public override string Run(TextInputs inputs, StageScope scope) => "good";

        public override void Write(string result, string folder) => File.WriteAllText(Path.Combine(folder, "text"), result);

        public override string Read(TextInputs inputs, string folder)
        {
            string text = File.ReadAllText(Path.Combine(folder, "text"));
            if (text == "good") return text;
            beforeRefusal();
            throw new InvalidDataException("no text of ours");
        }
    }
}
