using Haq.Build.Protocol;
using Haq.Engine.Files;

namespace Haq.Build.Tests.Protocol;

public sealed class BuildStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-state").FullName;
    private readonly string _manifest;
    private readonly string _model;
    private readonly string _output;

    public BuildStateTests()
    {
        (_manifest, _model, _output) = (Touch("haq.yaml"), Touch("net.onnx"), Touch("net.haq.onnx"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back_even_with_odd_names()
    {
        var state = Fresh();
        state.Inputs["/tab\there%09\nline"] = new FileRecord(new FileStamp(-1, 0), false, "a%b");
        state.Warnings.Add("haq.yaml(3,4): warning HAQ1001: 100 % of\tit");
        File.WriteAllText(Path.Combine(_folder, "state"), state.Write());

        var read = BuildState.Read(Path.Combine(_folder, "state"));

        Assert.NotNull(read);
        Assert.Equal(state.Write(), read.Write());
        Assert.Contains("/tab\there%09\nline", read.Inputs.Keys);
        Assert.Equal(state.Warnings, read.Warnings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("haq-state 1\nkey\tx\n")]
    [InlineData("haq-state 2\ninput\tmany\t1\t/x\n")]
    [InlineData("haq-state 2\noutput\tmodel\n")]
    [InlineData("haq-state 2\ninput\t99999999999999999999\t1\told\t\t/x\n")]
    [InlineData("haq-state 2\ninput\t1\t1\tolder\t\t/x\n")]
    [InlineData("haq-state 2\ninput\t1\t1\told\t\t/x\0\n")]
    public void A_damaged_or_foreign_file_is_no_state(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "state"), text);
        Assert.Null(BuildState.Read(Path.Combine(_folder, "state")));
    }

    [Fact]
    public void Nothing_changed_is_not_stale() => Assert.Null(Fresh().WhyStale("key", [_manifest], DateTime.UtcNow));

    [Fact]
    public void Each_kind_of_change_is_stale_and_named()
    {
        Assert.Contains("engine", Fresh().WhyStale("another key", [_manifest], DateTime.UtcNow), StringComparison.Ordinal);
        Assert.Contains("is new", Fresh().WhyStale("key", [_manifest, "/other/haq.yaml"], DateTime.UtcNow), StringComparison.Ordinal);

        var renamed = Fresh();
        renamed.Inputs["/other/haq.yaml"] = FileRecord.Take("/other/haq.yaml", DateTime.UtcNow);
        Assert.Contains("no longer", renamed.WhyStale("key", ["/other/haq.yaml"], DateTime.UtcNow), StringComparison.Ordinal);

        var state = Fresh();
        // Older, not newer: a file from a backup is a change too.
        File.SetLastWriteTimeUtc(_model, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Contains(_model, state.WhyStale("key", [_manifest], DateTime.UtcNow), StringComparison.Ordinal);

        state = Fresh();
        File.Delete(_output);
        Assert.Contains("missing", state.WhyStale("key", [_manifest], DateTime.UtcNow), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_looked_for_and_appears_is_a_change()
    {
        var state = Fresh();
        string lockFile = Path.Combine(_folder, "haq.lock.json");
        state.Inputs[lockFile] = FileRecord.Take(lockFile, DateTime.UtcNow);
        Assert.Null(state.WhyStale("key", [_manifest], DateTime.UtcNow));
        Touch("haq.lock.json");
        Assert.NotNull(state.WhyStale("key", [_manifest], DateTime.UtcNow));
    }

    [Fact]
    public void A_folder_changes_with_the_names_sizes_and_times_of_its_files()
    {
        string images = Directory.CreateDirectory(Path.Combine(_folder, "images")).FullName;
        Touch("images/a.png");
        Touch("images/b.png");
        var before = FileStamp.Of(images);
        Assert.Equal(before, FileStamp.Of(images));
        File.Move(Path.Combine(images, "b.png"), Path.Combine(images, "c.png"));
        var renamed = FileStamp.Of(images);
        Assert.NotEqual(before, renamed);
        File.AppendAllText(Path.Combine(images, "a.png"), "x");
        Assert.NotEqual(renamed, FileStamp.Of(images));
    }

    private BuildState Fresh()
    {
        var state = new BuildState { ToolKey = "key" };
        foreach (string input in (string[])[_manifest, _model]) state.Inputs[input] = FileRecord.Take(input, DateTime.UtcNow);
        state.Outputs.Add(new BuildOutput(BuildOutput.Model, "net.haq.onnx", _output, _manifest, FileRecord.Take(_output, DateTime.UtcNow, digest: true)));
        return state;
    }

    private string Touch(string name)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, name);
        return path;
    }
}
