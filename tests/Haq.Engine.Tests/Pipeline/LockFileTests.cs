using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.LockFiles;

namespace Haq.Engine.Tests.Pipeline;

public sealed class LockFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_reads_back_what_was_written_and_equal_content_is_not_written_again()
    {
        string path = _folder["haq.lock.json"];
        Assert.True(Example().Write(path));
        Assert.False(Example().Write(path));
        var read = LockFile.Read(path)!;
        Assert.Equal(Example().Policy, read.Policy);
        Assert.Equal(Example().Inputs, read.Inputs);
        Assert.Equal(Example().Scales, read.Scales);
        Assert.Equal(Example().Measured, read.Measured);
    }

    [Fact]
    public void A_missing_file_is_null() => Assert.Null(LockFile.Read(_folder["none.json"]));

    [Theory]
    [InlineData("{ \"version\": 1, <<<<<<< HEAD")]
    [InlineData("[]")]
    [InlineData("{\"version\": 1}")]
    [InlineData("{\"version\": 99}")]
    [InlineData("{\"version\": \"1.0.0\"}")]
    public void Nonsense_is_a_clear_error(string content)
    {
        File.WriteAllText(_folder["haq.lock.json"], content);
        var error = Assert.Throws<HaqException>(() => LockFile.Read(_folder["haq.lock.json"]));
        Assert.Equal("HAQ0802", error.Diagnostic.Descriptor.Code);
    }

    [Fact]
    public void A_newer_format_is_not_to_be_deleted_and_a_mark_of_UTF_8_does_no_harm()
    {
        File.WriteAllText(_folder["haq.lock.json"], "{\"version\": 99, \"policy\": \"elsewhere\"}");
        string message = Assert.Throws<HaqException>(() => LockFile.Read(_folder["haq.lock.json"])).Message;
        Assert.Contains("newer Haq.Build", message, StringComparison.Ordinal);
        Assert.Contains("99", message, StringComparison.Ordinal);
        Assert.Contains("do not delete", message, StringComparison.Ordinal);

        Example().Write(_folder["plain.json"]);
        File.WriteAllText(_folder["marked.json"], File.ReadAllText(_folder["plain.json"]), new System.Text.UTF8Encoding(true));
        Assert.Equal(Example().Policy, LockFile.Read(_folder["marked.json"])!.Policy);
    }

    [Fact]
    public void Changed_and_new_inputs_are_outdated_but_absent_data_is_not()
    {
        var now = new SortedDictionary<string, LockedInput>(Example().Inputs)
        {
            ["model"] = new("m.onnx", "changed"),
            ["data.evaluation"] = new("eval.npz", null),
            ["hardware"] = new("bismo-edge", "h"),
        };
        Assert.Equal(["hardware", "model"], Example().Outdated(now));
    }

    private static LockFile Example() => new()
    {
        Engine = new LockedEngine("1.0", "e"),
        Inputs = new() { ["model"] = new("m.onnx", "a"), ["data.evaluation"] = new("eval.npz", "b") },
        Search = new LockedSearch("auto", 1, 2, 600, true),
        Policy = [new("conv", 4, 6)],
        Scales = new() { ["x"] = new(6, 0.5f, 3, 0, 63) },
        Predicted = new LockedCost(1.5, null, 1000),
        Measured = new LockedAccuracy(new(93, null, 100, 0, 1000), new(92, null, 98, 0.01, 1000), null),
        Output = "o",
    };
}
