using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Tests.Quantization.Export;

namespace Haq.Engine.Tests.Pipeline.Probing;

/// <summary>Measuring by commands: a file at a time, and a whole bundle by a runner behind another shell.</summary>
public sealed class DeviceRunTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new(), _board = new();
    private readonly ProbeBundle _bundle;

    public DeviceRunTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the made devices are scripts of sh");
        _bundle = BundleWriter.Write(SmallNetworks.Residual(), new ProbingOptions([LayerBits.Uniform(Bitwidth.Eight), LayerBits.Float]), _folder.Path, d => Assert.Fail(d.ToString()));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _board.Dispose();
    }

    [Fact]
    public void A_command_that_fails_half_way_loses_nothing_and_is_gone_on_with()
    {
        // Says how often it was called, and fails at the sixth time.
        string script = Script("n=$(($(cat count 2>/dev/null || echo 0) + 1)); echo $n >count; [ $n -ne 6 ] || { echo 'no such device' >&2; exit 7; }; echo \"$(basename \"$1\" .onnx),0.00$n\"");
        var command = Command($"{script} {{}}");
        var error = Assert.Throws<HaqException>(() => BundleRun.Run(_folder.Path, command, "board"));
        Assert.Equal("HAQ0235", error.Diagnostic.Descriptor.Code);
        Assert.Contains("ended with status 7: no such device", error.Message, StringComparison.Ordinal);
        Assert.Contains($"5 of {_bundle.Probes.Length} probes are measured and kept", error.Message, StringComparison.Ordinal);
        var kept = TimesFile.Read(_folder[TimesFile.FileName]).Times;
        Assert.Equal(5, kept.Length);

        BundleRun.Run(_folder.Path, command, "board");
        var all = TimesFile.Read(_folder[TimesFile.FileName]);
        Assert.Equal(kept, all.Times[..5]);
        Assert.Equal(_bundle.Probes.Select(p => p.Name).Order(), all.Times.Select(t => t.Probe).Order());
        Assert.Equal("board", all.Device);
        // Once for each probe, once in vain, and the first network once more at the end.
        Assert.Equal(_bundle.Probes.Length + 2, int.Parse(File.ReadAllText(_folder["count"]), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Empty(BundleRun.Run(_folder.Path, command, "board"));
    }

    [Fact]
    public void A_device_that_slows_down_is_warned_of()
    {
        string script = Script("n=$(($(cat count 2>/dev/null || echo 9) + 1)); echo $n >count; echo \"0.0$n\"");
        var doubt = Assert.Single(BundleRun.Run(_folder.Path, Command($"{script} {{}}"), "board"));
        Assert.Equal("HAQ1942", doubt.Descriptor.Code);
        Assert.Contains("slows down", doubt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo nothing", "printed no line")]
    [InlineData("echo 0", "which is no time")]
    [InlineData("echo -- -1", "printed no line")]
    [InlineData("exit 3", "ended with status 3")]
    public void A_command_without_a_time_is_an_error(string body, string what)
    {
        var error = Assert.Throws<HaqException>(() => Command($"{Script(body)} {{}}").Measure(_folder["probes/x.onnx"], default));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Repeats_give_a_spread()
    {
        string script = Script("n=$(($(cat count 2>/dev/null || echo 0) + 1)); echo $n >count; echo $n");
        var time = new DeviceCommand(CommandTemplate.Parse($"{script} {{}}", "--run"), 3, s_patience).Measure(_folder["probes/x.onnx"], default);
        Assert.Equal(new ProbeTime("x", 2, 1, null), time);
    }

    [Fact]
    public void A_command_that_hangs_is_ended()
    {
        var error = Assert.Throws<HaqException>(() => new DeviceCommand(CommandTemplate.Parse("sleep 600; echo {}", "--run"), 1, TimeSpan.FromMilliseconds(50)).Measure("x.onnx", default));
        Assert.Contains("took longer than 0 s and was ended", error.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => Command("sleep 600; echo {}").Measure("x.onnx", cancelled.Token));
    }

    [Fact]
    public void A_bundle_is_copied_measured_and_fetched_through_another_shell()
    {
        Remote(Runner("echo")).Run(_folder.Path, "board");
        Assert.Equal(_bundle.Probes.Select(p => p.Name).Order(), TimesFile.Read(_folder[TimesFile.FileName]).Times.Select(t => t.Probe).Order());
        Assert.Equal(File.ReadAllBytes(_folder[_bundle.Probes[0].File]), File.ReadAllBytes(_board[_bundle.Probes[0].File]));
    }

    [Fact]
    public void A_cut_connection_is_gone_on_with()
    {
        // Ends after three more probes each time, as a connection does, and prints nothing of what it writes: that is fetched.
        string runner = Runner("true", "[ $n -lt 3 ] || exit 255");
        Remote(runner).Run(_folder.Path, "board");
        Assert.Equal(_bundle.Probes.Length, TimesFile.Read(_folder[TimesFile.FileName]).Times.Length);
    }

    [Fact]
    public void A_runner_that_gets_nowhere_is_an_error()
    {
        var error = Assert.Throws<HaqException>(() => Remote("sh -c 'echo it is broken >&2; exit 5'").Run(_folder.Path, "board"));
        Assert.Contains("ended with status 5: it is broken", error.Message, StringComparison.Ordinal);
        Assert.Contains($"0 of {_bundle.Probes.Length} probes are measured", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runner_that_prints_nothing_for_too_long_is_ended()
    {
        var options = new RemoteOptions { Folder = _board.Path, Runner = "sleep 600", Attempts = 1, Idle = TimeSpan.FromMilliseconds(50) };
        var error = Assert.Throws<HaqException>(() => new RemoteBundle(CommandTemplate.Parse("sh -c {}", "--run"), options).Run(_folder.Path, "board"));
        Assert.Contains("'sleep 600' on the device printed no line for 0 s and was ended", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runner_that_counts_nanoseconds_is_told_so()
    {
        File.WriteAllText(_board["runner.sh"], $"echo '{_bundle.Probes[0].Name},2e9'\n");
        var error = Assert.Throws<HaqException>(() => Remote("sh runner.sh").Run(_folder.Path, "board"));
        Assert.Contains($"cannot be the seconds of '{_bundle.Probes[0].Name}': expected seconds, not a count of cycles or nanoseconds", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("E+09", File.ReadAllText(_folder[TimesFile.FileName]), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_runner_for_perf_test_understands_what_that_prints()
    {
        string program = _folder["perf_test"];
        File.WriteAllText(program, "#!/bin/sh\necho 'Session creation time cost: 0.01 s'\necho 'Average inference time cost: 1.5 ms'\necho 'Min Latency: 0.001 s'\necho 'P50 Latency: 0.00125 s'\n");
        Assert.Equal(0, ShellRun.Of($"chmod +x '{program}'", s_patience).Status);
        Assert.Equal(0, ShellRun.Of($"cd '{_folder.Path}' && sh measure.sh ./perf_test -e cpu", s_patience).Status);
        AssertAll(1.5e-3);
        Quantile("sh measure.sh --quantile 0.5 ./perf_test -e cpu", 1.25e-3);
        Quantile("sh measure.sh --quantile 0 ./perf_test -e cpu", 1e-3);
        Assert.Equal(2, ShellRun.Of($"cd '{_folder.Path}' && sh measure.sh --quantile 0.3 ./perf_test", s_patience).Status);
        Quantile("sh measure.sh ./perf_test -e cpu", 1.5e-3);
        Cut();
        Assert.Equal(0, ShellRun.Of($"cd '{_folder.Path}' && sh measure.sh ./perf_test -e cpu", s_patience).Status);
        AssertAll(1.5e-3);
        if (ShellRun.Of("python3 --version", s_patience).Status != 0) return;
        Quantile("python3 measure.py --quantile .5 --perf-test ./perf_test -- -e xnnpack", 1.25e-3);
        Assert.Contains("knows the quantiles 0, 0.5, 0.9", ShellRun.Of($"cd '{_folder.Path}' && python3 measure.py --quantile .3 --perf-test ./perf_test", s_patience).Error, StringComparison.Ordinal);
        File.Delete(_folder[TimesFile.FileName]);
        var run = ShellRun.Of($"cd '{_folder.Path}' && python3 measure.py --perf-test ./perf_test -- -e xnnpack -x 4", s_patience);
        Assert.True(run.Status == 0, run.Error);
        AssertAll(1.5e-3);
        Assert.EndsWith(", perf_test -e xnnpack -x 4)", TimesFile.Read(_folder[TimesFile.FileName]).Device, StringComparison.Ordinal);
        Cut();
        run = ShellRun.Of($"cd '{_folder.Path}' && python3 measure.py --perf-test ./perf_test -- -e xnnpack -x 4", s_patience);
        Assert.True(run.Status == 0, run.Error);
        AssertAll(1.5e-3);

        // As a run that is ended while it writes: the last number lacks its end.
        void Cut()
        {
            string times = File.ReadAllText(_folder[TimesFile.FileName]);
            File.WriteAllText(_folder[TimesFile.FileName], times[..(times.LastIndexOf("0015", StringComparison.Ordinal) + 3)]);
        }

        void Quantile(string command, double seconds)
        {
            File.Delete(_folder[TimesFile.FileName]);
            var run = ShellRun.Of($"cd '{_folder.Path}' && {command}", s_patience);
            Assert.True(run.Status == 0, run.Error);
            AssertAll(seconds);
        }

        void AssertAll(double seconds)
        {
            var times = TimesFile.Read(_folder[TimesFile.FileName]).Times;
            Assert.Equal(_bundle.Probes.Select(p => p.Name).Order(), times.Select(t => t.Probe).Order());
            Assert.All(times, t => Assert.Equal(seconds, t.Seconds, 12));
        }
    }

    private static DeviceCommand Command(string template) => new(CommandTemplate.Parse(template, "--run"), 1, s_patience);

    private RemoteBundle Remote(string runner) =>
        new(CommandTemplate.Parse("sh -c {}", "--run"), new RemoteOptions { Folder = _board.Path, Runner = runner, Pause = TimeSpan.Zero });

    private string Script(string body)
    {
        string path = _folder["device.sh"];
        File.WriteAllText(path, $"cd '{_folder.Path}'\n{body}\n");
        return $"sh {CommandTemplate.Quoted(path)}";
    }

    // Does what the runners do, with made times.
    private string Runner(string print, string before = "true")
    {
        string path = _board["runner.sh"];
        File.WriteAllText(path, $"""
            n=0
            for model in probes/*.onnx; do
                name=$(basename $model .onnx)
                grep -q "^$name," times.csv && continue
                {before}
                n=$((n + 1))
                echo "$name,0.001" >>times.csv
                {print} "$name,0.001"
            done

            """);
        return "sh runner.sh";
    }
}
