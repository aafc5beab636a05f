using Haq.Build.Tests.Builds;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;

namespace Haq.Build.Tests.Staleness;

/// <summary>Behind a link it is the target that counts.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly Bench _bench = new();
    private readonly string _elsewhere;

    public LinkTests()
    {
        _elsewhere = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_bench.Project)!, "elsewhere")).FullName;
        TinyModel.Write(_bench.Project, seed: 1);
        File.WriteAllText(_bench["haq.yaml"], TinyModel.Manifest);
    }

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("tiny.onnx")]
    [InlineData("images.npy")]
    public void An_edited_target_is_a_change(string name)
    {
        string blob = Path.Combine(_elsewhere, "blob");
        File.Move(_bench[name], blob);
        File.CreateSymbolicLink(_bench[name], blob);
        Assert.Equal(ExitCode.Ok, _bench.Build());

        TinyModel.Write(_elsewhere, seed: 2);
        File.WriteAllBytes(blob, File.ReadAllBytes(Path.Combine(_elsewhere, name)));
        Assert.NotNull(_bench.WhyStale);
        Assert.Equal(ExitCode.Ok, _bench.Build());
        Assert.Equal(_bench.Clean(), File.ReadAllBytes(_bench.Output()));
    }

    [Fact]
    public void A_link_that_is_turned_to_a_twin_is_a_change()
    {
        TinyModel.Write(_elsewhere, seed: 2);
        File.Move(_bench["tiny.onnx"], Path.Combine(_elsewhere, "one"));
        File.Move(Path.Combine(_elsewhere, "tiny.onnx"), Path.Combine(_elsewhere, "two"));
        foreach (string twin in (string[])["one", "two"]) File.SetLastWriteTimeUtc(Path.Combine(_elsewhere, twin), DateTime.UnixEpoch);
        File.CreateSymbolicLink(_bench["tiny.onnx"], Path.Combine(_elsewhere, "one"));
        Assert.Equal(ExitCode.Ok, _bench.Build());

        File.Delete(_bench["tiny.onnx"]);
        File.CreateSymbolicLink(_bench["tiny.onnx"], Path.Combine(_elsewhere, "two"));
        Assert.Equal(ExitCode.Ok, _bench.Build());
        Assert.Equal(_bench.Clean(), File.ReadAllBytes(_bench.Output()));
    }

    [Fact]
    public void A_linked_folder_and_links_in_a_folder_are_followed_and_circles_end()
    {
        string images = Directory.CreateDirectory(Path.Combine(_elsewhere, "images")).FullName, target = Path.Combine(_elsewhere, "a.png");
        File.WriteAllText(target, "one");
        File.CreateSymbolicLink(Path.Combine(images, "a.png"), target);
        foreach (string again in (string[])["again", "and-again"]) Directory.CreateSymbolicLink(Path.Combine(images, again), images);
        string link = _bench["images"];
        Directory.CreateSymbolicLink(link, images);

        var before = FileStamp.Of(link);
        string content = ContentDigest.Of(link);
        Assert.Equal(1, before.Size);
        File.WriteAllText(target, "two!");
        Assert.NotEqual(before, FileStamp.Of(link));
        Assert.NotEqual(content, ContentDigest.Of(link));
    }

    [Fact]
    public void An_edit_in_place_that_sets_the_time_back_is_a_change_on_Linux()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells when a file really changed.");
        string file = Path.Combine(_elsewhere, "file");
        File.WriteAllText(file, "one");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        var before = FileStamp.Of(file);
        // Until the clock of the file system has moved on.
        do
        {
            File.WriteAllText(file, "two");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }
        while (FileStamp.Of(file).Changed == before.Changed);
        Assert.NotEqual(before, FileStamp.Of(file));
    }

    [Fact]
    public void Within_the_clocks_grain_the_content_decides()
    {
        string file = Path.Combine(_elsewhere, "file");
        File.WriteAllText(file, "one");
        var now = DateTime.UtcNow;
        var record = new FileRecord(FileStamp.Of(file), isFresh: true, ContentDigest.Of(file));
        Assert.True(FileRecord.Take(file, now).IsFresh);
        Assert.NotNull(record.IfUntouched(file, now));

        File.WriteAllText(file, "two");
        // What a file system with a coarse clock would say: nothing that a stamp holds differs.
        var coarse = new FileRecord(FileStamp.Of(file), isFresh: true, record.Digest);
        Assert.Null(coarse.IfUntouched(file, now));
        Assert.False(FileRecord.Take(file, now.AddSeconds(10)).IsFresh);
    }

    [Fact]
    public void A_folders_digest_is_framed_as_the_keys_of_stages_are()
    {
        File.WriteAllText(Path.Combine(_elsewhere, "b"), "2");
        Directory.CreateDirectory(Path.Combine(_elsewhere, "a"));
        File.WriteAllText(Path.Combine(_elsewhere, "a", "c"), "1");
        using var key = new Haq.Engine.Pipeline.Running.StageKeyBuilder("folder", 1);
        foreach (string name in (string[])["a/c", "b"]) key.Add(name, ContentDigest.Of(Path.Combine(_elsewhere, name)));
        Assert.Equal(key.Build().Digest, ContentDigest.Of(_elsewhere));
    }
}
