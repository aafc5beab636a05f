using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>Against a real server.</summary>
public sealed class NginxTests : IDisposable
{
    private readonly RemoteWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_large_entry_goes_there_and_back()
    {
        using var nginx = Nginx.Start(_world["nginx"]);
        var settings = RemoteWorld.Settings(nginx.Address);
        byte[] content = RemoteWorld.Noise(20_000_000);
        RemoteWorld.Get(_world.Machine("one", settings), RemoteWorld.Key("a"), ("x", content));
        var sent = _world.Send("one", settings);
        Assert.Equal((1, null), (sent.Sent, sent.Failure));
        Assert.Equal(2, Directory.GetFiles(nginx.Data, "*", SearchOption.AllDirectories).Length);

        var other = _world.Machine("other", settings);
        var (folder, isMade) = RemoteWorld.Get(other, RemoteWorld.Key("a"));
        Assert.False(isMade);
        Assert.True(File.ReadAllBytes(Path.Combine(folder, "x")).AsSpan().SequenceEqual(content));
    }

    [Fact]
    public void A_limit_on_what_may_be_put_and_a_server_that_only_reads_are_said()
    {
        using var nginx = Nginx.Start(_world["nginx"], "location /small/ { dav_methods PUT; create_full_put_path on; client_max_body_size 1k; }");
        byte[] content = RemoteWorld.Noise(200_000);
        foreach (var (path, said) in new[] { ("/small", "413"), ("/other", "403") })
        {
            var settings = RemoteWorld.Settings(nginx.Address + path);
            RemoteWorld.Get(_world.Machine("one" + said, settings), RemoteWorld.Key("a"), ("x", content));
            var result = _world.Send("one" + said, settings);
            Assert.Equal(0, result.Sent);
            Assert.Contains(said, result.Failure ?? _world.Machine("one" + said, settings).Remote!.TakeWarning()!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Damage_on_its_disk_is_found_out()
    {
        using var nginx = Nginx.Start(_world["nginx"]);
        var settings = RemoteWorld.Settings(nginx.Address);
        RemoteWorld.Get(_world.Machine("one", settings), RemoteWorld.Key("a"), ("x", "content"u8.ToArray()));
        _world.Send("one", settings);
        string stored = Directory.GetFiles(Path.Combine(nginx.Data, "cas")).Single();
        byte[] bytes = File.ReadAllBytes(stored);
        bytes[^1] ^= 1;
        File.WriteAllBytes(stored, bytes);
        var other = _world.Machine("other", settings);
        Assert.True(RemoteWorld.Get(other, RemoteWorld.Key("a"), ("x", "content"u8.ToArray())).IsMade);
        Assert.Equal("HAQ1961", other.Remote!.TakeWarning()?.Descriptor.Code);
    }

    [Fact]
    public void A_clone_elsewhere_takes_the_whole_result_and_its_bytes()
    {
        using var nginx = Nginx.Start(_world["nginx"]);
        var settings = RemoteWorld.Settings(nginx.Address);
        using var first = new TinyProject();
        using var second = new TinyProject();
        var keys = TinyProject.With(TinyProject.Base, KeyValuePair.Create("finetune.epochs", ""), KeyValuePair.Create("finetune.batch", ""), KeyValuePair.Create("quantization.rounding", ""));
        Assert.False(Build(first, "one").FromCache);
        Assert.True(_world.Send("one", settings) is { Sent: >= 4, Failure: null });
        Assert.True(Build(second, "other").FromCache);
        foreach (string file in (string[])["tiny.haq.onnx", "tiny.haq.report.json", "tiny.haq.report.html", "haq.lock.json"])
            Assert.True(File.ReadAllBytes(first[file]).AsSpan().SequenceEqual(File.ReadAllBytes(second[file])), file);
        // Only the result was taken: nothing else was asked of any stage.
        Assert.Equal(["result"], Directory.EnumerateDirectories(_world["other"]).Select(f => Path.GetFileName(f)).Where(n => n != "uploads"));

        PipelineResult Build(TinyProject project, string machine)
        {
            project.Open(keys, ask: o => o with { Cache = _world.Machine(machine, settings) }).Dispose();
            return ManifestBuild.Run(new PipelineOptions(project["haq.yaml"], _world.Machine(machine, settings)), null, CancellationToken.None);
        }
    }
}
