using Haq.Build.Tests.Builds;
using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Staleness;

/// <summary>An input that is written to while a build runs: the result is of one state of it, the last, and nothing of the other is kept.</summary>
public sealed class ChangedInputTests : IDisposable
{
    private readonly Bench _bench = new();

    public ChangedInputTests()
    {
        TinyModel.Write(_bench.Project, seed: 1);
        File.WriteAllText(_bench["haq.yaml"], TinyModel.Manifest);
    }

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("tiny.onnx")]
    [InlineData("images.npy")]
    [InlineData("haq.yaml")]
    public void The_result_is_of_what_is_there_at_the_end(string name)
    {
        byte[] before = File.ReadAllBytes(_bench[name]), after = Another(name);
        bool edited = false;
        void EditOnce(string progress)
        {
            if (edited || !progress.Contains("measuring ranges", StringComparison.Ordinal)) return;
            edited = true;
            File.WriteAllBytes(_bench[name], after);
        }

        Assert.Equal(ExitCode.Ok, _bench.Build(EditOnce));
        Assert.True(edited);
        Assert.Equal(_bench.Clean(), File.ReadAllBytes(_bench.Output()));
        Assert.Null(_bench.WhyStale);

        // Nothing that was made half of the one and half of the other is found again under the first one's name.
        File.WriteAllBytes(_bench[name], before);
        Assert.Equal(ExitCode.Ok, _bench.Build());
        Assert.Equal(_bench.Clean(), File.ReadAllBytes(_bench.Output()));
    }

    [Theory]
    [InlineData("images.npy")]
    [InlineData("list.txt")]
    public void A_shard_or_its_list_that_changes_meanwhile_is_read_again(string name)
    {
        byte[] other = Another("images.npy");
        File.WriteAllBytes(_bench["others.npy"], other);
        File.WriteAllText(_bench["list.txt"], "images.npy\n");
        File.WriteAllText(_bench["haq.yaml"], TinyModel.Manifest.Replace("calibration: images.npy", "calibration: {shards: list.txt}", StringComparison.Ordinal));
        bool edited = false;
        void EditOnce(string progress)
        {
            if (edited || !progress.Contains("measuring ranges", StringComparison.Ordinal)) return;
            edited = true;
            if (name == "list.txt") File.WriteAllText(_bench[name], "others.npy\n");
            else File.WriteAllBytes(_bench[name], other);
        }

        Assert.True(_bench.Build(EditOnce) == ExitCode.Ok, _bench.Said);
        Assert.True(edited);
        Assert.Equal(_bench.Clean(), File.ReadAllBytes(_bench.Output()));
        Assert.Null(_bench.WhyStale);
    }

    [Fact]
    public void A_shard_that_never_holds_still_is_an_error_that_names_it()
    {
        File.WriteAllText(_bench["list.txt"], "images.npy\n");
        File.WriteAllText(_bench["haq.yaml"], TinyModel.Manifest.Replace("calibration: images.npy", "calibration: {shards: list.txt}", StringComparison.Ordinal));
        int edits = 0;
        void Edit(string progress)
        {
            if (progress.Contains("measuring ranges", StringComparison.Ordinal)) File.SetLastWriteTimeUtc(_bench["images.npy"], DateTime.UnixEpoch.AddDays(++edits));
        }
        Assert.Equal(ExitCode.Usage, _bench.Build(Edit));
        Assert.Contains($"{_bench["images.npy"]}: error HAQ0806", _bench.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_after_the_last_stage_is_seen_by_the_next_build()
    {
        Assert.Equal(ExitCode.Ok, _bench.Build());
        byte[] after = Another("tiny.onnx");
        // As soon as an editor can be: the size stays, and so may the tick of the clock.
        File.WriteAllBytes(_bench["tiny.onnx"], after);
        Assert.NotNull(_bench.WhyStale);
    }

    [Fact]
    public void What_never_holds_still_is_an_error_that_names_it()
    {
        int edits = 0;
        void Edit(string progress)
        {
            if (progress.Contains("measuring ranges", StringComparison.Ordinal)) File.SetLastWriteTimeUtc(_bench["images.npy"], DateTime.UnixEpoch.AddDays(++edits));
        }
        Assert.Equal(ExitCode.Usage, _bench.Build(Edit));
        Assert.Equal(3, edits);
        Assert.Contains($"{_bench["images.npy"]}: error HAQ0806", _bench.Said, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.Output()));
        Assert.Equal(ExitCode.Ok, _bench.Build());
    }

    [Fact]
    public void A_table_that_a_hardware_file_names_is_an_input()
    {
        File.WriteAllText(_bench["mine.yaml"], "name: mine\nkind: table\nfile: times.csv\ndevice: a board\nmeasured: 2026-03-01\nmissing: error\nprovenance: made up\n");
        File.WriteAllText(_bench["times.csv"],
            "layer,weight_bits,activation_bits,latency_ns,energy_nj\nfirst,4,8,1,1\nsecond,4,8,1,1\nclassifier,4,8,1,1\nfirst,8,8,2,2\nsecond,8,8,2,2\nclassifier,8,8,2,2\n");
        File.WriteAllText(_bench["haq.yaml"], TinyModel.Manifest.Replace("bismo-edge", "./mine.yaml", StringComparison.Ordinal));
        Assert.True(_bench.Build() == ExitCode.Ok, _bench.Said);
        Assert.Contains(_bench["times.csv"], _bench.State.Inputs.Keys);
        File.AppendAllText(_bench["times.csv"], "\n");
        Assert.NotNull(_bench.WhyStale);
    }

    private byte[] Another(string name)
    {
        if (name == "haq.yaml") return System.Text.Encoding.UTF8.GetBytes(TinyModel.Manifest.Replace("weights: 4", "weights: 6", StringComparison.Ordinal));
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_bench.Project)!, "other")).FullName;
        TinyModel.Write(folder, seed: 2);
        return File.ReadAllBytes(Path.Combine(folder, name));
    }
}
