using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;

namespace Haq.Engine.Tests.Evaluation.Devices;

/// <summary>What tools print, and where a path goes in a command.</summary>
public sealed class TimeOutputTests
{
    [Theory]
    [InlineData("loading…\np-w8a8,1.5e-3\ndone", 1.5e-3)]
    [InlineData("probes/p-w8a8.onnx,0.25\n", 0.25)]
    [InlineData("p-w8a8,1\np-w8a8,3\np-w8a8,2\n", 2)]
    [InlineData("0.004\n", 0.004)]
    [InlineData("0.004\n0.002\n0.006", 0.004)]
    [InlineData("Setting intra_op_num_threads to 1\nAverage inference time cost: 2.5 ms\n", 2.5e-3)]
    [InlineData("Average inference time cost total: 3.25 ms\n", 3.25e-3)]
    [InlineData("[I] GPU Compute Time: min = 0.9 ms, max = 2 ms, mean = 1.1 ms, median = 1.0625 ms, percentile(90%) = 1.2 ms\n", 1.0625e-3)]
    [InlineData("[ INFO ]    Median:        0.75 ms\n", 0.75e-3)]
    public void A_time_is_found(string output, double seconds) => Assert.Equal(seconds, TimeOutput.Find("p-w8a8", output)!.Value.Seconds, 12);

    [Theory]
    [InlineData("")]
    [InlineData("other,1.5\n")]
    [InlineData("p-w8a8,fast\n")]
    [InlineData("took 5\n")]
    public void Anything_else_is_no_time(string output) => Assert.Null(TimeOutput.Find("p-w8a8", output));

    [Fact]
    public void Spread_and_energy_are_taken_too()
    {
        var time = TimeOutput.Find("p", "p,1e-3,2e-5,4e-3\n")!.Value;
        Assert.Equal((2e-5, 4e-3), (time.Spread, time.Joules));
        Assert.Equal(1, TimeOutput.Find("p", "p,1\np,2\np,3\n")!.Value.Spread!.Value, 12);
    }

    [Fact]
    public void A_path_goes_where_the_braces_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "quotes as sh does");
        var template = CommandTemplate.Parse("adb push {} /tmp/{file} && adb shell run {name}", "--run");
        Assert.Equal("adb push '/a b/it'\\''s w8a8.onnx' /tmp/'it'\\''s w8a8.onnx' && adb shell run 'it'\\''s w8a8'", template.For("/a b/it's w8a8.onnx"));
        Assert.Equal("x /a/b-w8a8.onnx", CommandTemplate.Parse("x {}", "--run").For("/a/b-w8a8.onnx"));
        Assert.Equal("HAQ0236", Assert.Throws<HaqException>(() => CommandTemplate.Parse("python3 board.py", "--run")).Diagnostic.Descriptor.Code);
    }

    [Theory]
    [InlineData("adb shell {}", true)]
    [InlineData("sh -c {}", true)]
    [InlineData("ssh -p 2222 user@board {}", true)]
    [InlineData("docker exec box sh -c {}", true)]
    [InlineData("python3 board.py {}", false)]
    [InlineData("./measure {} --shell", false)]
    public void A_command_that_takes_commands_is_told_by_its_end(string template, bool takes) => Assert.Equal(takes, CommandTemplate.Parse(template, "--run").TakesCommand);
}
