using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq convert</c>.</summary>
[Collection(CommandCollection.Name)]
public sealed class ConvertCommandTests(CommandFixture fixture)
{
    private string Quantized => Path.Combine(fixture.Built, "tiny.haq.onnx");

    [Fact]
    public void A_model_is_written_in_the_dialect_and_passes_its_check()
    {
        string to = Path.Combine(fixture.NewFolder("convert"), "tiny.tensorrt.onnx");
        var run = ToolRun.Of("convert", Quantized, "--target", "tensorrt", "--output", to, "--samples", "4");
        string text = run.Succeeded();
        Assert.Contains("zero point 0", text, StringComparison.Ordinal);
        Assert.Contains("on 4 samples of random inputs (seed 1), in stock ONNX Runtime sessions", text, StringComparison.Ordinal);
        Assert.Contains("'haq check --target tensorrt' passes", text, StringComparison.Ordinal);
        ToolRun.Of("check", "--target", "tensorrt", to).Succeeded();
        Assert.Equal(ExitCode.CheckFailed, ToolRun.Of("check", "--target", "tensorrt", Quantized).Exit);
    }

    [Fact]
    public void Samples_of_a_manifest_choose_new_ranges_and_json_says_all_that_the_text_does()
    {
        string to = Path.Combine(fixture.NewFolder("convert-json"), "tiny.qnn.onnx");
        var run = ToolRun.Of("convert", Quantized, "--target", "qnn", "--output", to, "--data", Path.Combine(fixture.Built, "haq.yaml"), "--samples", "8", "--json");
        var json = run.Json();
        Assert.Equal((1, "qnn", to), (json.GetProperty("version").GetInt32(), json.GetProperty("target").GetString(), json.GetProperty("output").GetString()));
        Assert.True(json.GetProperty("passes").GetBoolean());
        Assert.Equal(0, json.GetProperty("guessedRanges").GetArrayLength());
        Assert.DoesNotContain("HAQ1422", run.Error, StringComparison.Ordinal);
        var grids = json.GetProperty("grids");
        int listed = json.GetProperty("changes").GetArrayLength();
        Assert.Equal(listed, ((string[])["exact", "moved", "added", "removed"]).Sum(e => grids.GetProperty(e).GetInt32()));
        Assert.True(grids.GetProperty("added").GetInt32() > 0);
        var output = json.GetProperty("difference").GetProperty("outputs")[0];
        Assert.InRange(output.GetProperty("cosine").GetDouble(), 0.99, 1);
        ToolRun.Of("check", "--target", "qnn", to).Succeeded();

        // Back again nothing has to move.
        string back = Path.Combine(Path.GetDirectoryName(to)!, "back.onnx");
        var returned = ToolRun.Of("convert", to, "--target", "onnxruntime", "--output", back, "--samples", "4", "--json").Json();
        Assert.Equal(0, returned.GetProperty("grids").GetProperty("moved").GetInt32());
        Assert.Equal(0, returned.GetProperty("grids").GetProperty("removed").GetInt32());
    }

    [Fact]
    public void Ranges_of_random_inputs_are_warned_of()
    {
        string to = Path.Combine(fixture.NewFolder("convert-guess"), "tiny.qnn.onnx");
        var run = ToolRun.Of("convert", Quantized, "--target", "qnn", "--output", to, "--samples", "4");
        run.Succeeded();
        Assert.Contains("warning HAQ1422: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_calls_are_told_apart_and_leave_nothing_behind()
    {
        string to = Path.Combine(fixture.NewFolder("convert-wrong"), "out.onnx");
        ToolRun.Of("convert", fixture.Model, "--target", "qnn", "--output", to).Failed(ExitCode.Model, "HAQ0321");
        var unknown = ToolRun.Of("convert", Quantized, "--target", "tensort", "--output", to);
        unknown.Failed(ExitCode.Usage, "HAQ0221");
        Assert.Contains("tensorrt", unknown.Error, StringComparison.Ordinal);
        ToolRun.Of("convert", "nowhere.onnx", "--target", "qnn", "--output", to).Failed(ExitCode.Model, "HAQ0301");
        ToolRun.Of("convert", Quantized, "--target", "qnn", "--output", to, "--data", "nowhere.npz").Failed(ExitCode.Usage, "HAQ0101");
        ToolRun.Of("convert", Quantized).Misused("convert", "--target");
        ToolRun.Of("convert", Quantized, "--target", "qnn", "--output", Quantized).Misused("convert", "--output is the model itself");
        ToolRun.Of("convert", Quantized, "--target", "qnn", "--samples", "0").Misused("convert", "--samples needs a number from 1");
        Assert.False(File.Exists(to));
    }
}
