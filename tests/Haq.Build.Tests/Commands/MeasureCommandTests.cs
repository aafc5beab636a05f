using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq measure</c>.</summary>
[Collection(CommandCollection.Name)]
public sealed class MeasureCommandTests(CommandFixture fixture)
{
    [Fact]
    public void A_bundle_is_written_timed_and_brought_in_as_hardware()
    {
        string folder = fixture.NewFolder("measure"), bundle = Path.Combine(folder, "bundle");
        var written = ToolRun.Of("measure", fixture.Model, "--widths", "w8a8,w32a32", "--output", bundle, "--json").Json().GetProperty("bundle");
        var probes = written.GetProperty("probes").EnumerateArray().Select(p => p.GetProperty("name").GetString()!).ToArray();
        Assert.Equal(probes.Order(), Directory.GetFiles(bundle, "*.onnx", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)!).Order());
        Assert.Contains(probes, p => p.StartsWith("net-", StringComparison.Ordinal) && p.EndsWith("-w8a8", StringComparison.Ordinal));

        string times = Path.Combine(bundle, "times.csv");
        File.WriteAllLines(times, probes.Select(p => $"{p},{(p.Contains("w8a8", StringComparison.Ordinal) ? "1e-3" : "4e-3")}"));
        string text = ToolRun.Of("measure", "--import", times, "--device", "a board").Succeeded();
        string hardware = Path.Combine(bundle, "tiny.hardware.yaml");
        Assert.Contains($"wrote {hardware} and ", text, StringComparison.Ordinal);
        Assert.Contains("expected error of a network's latency: ± ", text, StringComparison.Ordinal);
        Assert.Contains("a board", ToolRun.Of("hardware", "show", hardware).Succeeded(), StringComparison.Ordinal);
        string csv = ToolRun.Of("simulate", fixture.Model, "--hardware", hardware, "--bits", "8", "--format", "csv").Succeeded();
        Assert.True(csv.Split('\n').Length > 2, csv);
    }

    [Fact]
    public void A_command_measures_a_model_in_one_go()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the made device is a command of sh");
        string folder = fixture.NewFolder("measure-run"), bundle = Path.Combine(folder, "bundle");
        var json = ToolRun.Of("measure", fixture.Model, "--output", bundle, "--run", "echo \"$(basename {} .onnx),2e-3\"", "--hardware", Path.Combine(folder, "board.hardware.yaml"), "--json").Json();
        Assert.Equal(Path.Combine(folder, "board.hardware.csv"), json.GetProperty("table").GetString());
        Assert.Equal(json.GetProperty("bundle").GetProperty("probes").GetArrayLength(), json.GetProperty("probes").GetInt32());
        Assert.Contains("run: ", File.ReadAllText(Path.Combine(folder, "board.hardware.yaml")), StringComparison.Ordinal);
        ToolRun.Of("measure", "--output", bundle, "--run", "exit 9; echo {}").Succeeded();
        File.Delete(Path.Combine(bundle, "times.csv"));
        ToolRun.Of("measure", "--output", bundle, "--run", "exit 9; echo {}").Failed(ExitCode.Machine, "HAQ0235");
    }

    [Fact]
    public void A_fit_needs_enough_layers_and_writes_a_file_that_prices()
    {
        string folder = fixture.NewFolder("fit"), table = Path.Combine(folder, "board.csv");
        string[] rows = [.. Enumerable.Range(1, 12).Select(i => $"Gemm {40 * i}->{30 * i} 1,8,8,{5000 + 1200 * i * i}")];
        File.WriteAllLines(table, ["layer,weight_bits,activation_bits,latency_ns", .. rows]);
        var json = ToolRun.Of("hardware", "fit", table, "--kind", "roofline", "--json").Json();
        Assert.InRange(json.GetProperty("medianErrorPercent").GetDouble(), 0, 0.01);
        string fitted = Path.Combine(folder, "board.fitted.yaml");
        Assert.Equal(fitted, json.GetProperty("hardware").GetString());
        Assert.Contains("board-fitted (fitted)", ToolRun.Of("hardware", "show", fitted).Succeeded(), StringComparison.Ordinal);
        ToolRun.Of("simulate", fixture.Model, "--hardware", fitted).Succeeded();
        Assert.Contains("is off by 0 % in the median", ToolRun.Of("hardware", "fit", table).Succeeded(), StringComparison.Ordinal);
        File.WriteAllLines(table, ["layer,weight_bits,activation_bits,latency_ns", .. rows[..3]]);
        ToolRun.Of("hardware", "fit", table).Failed(ExitCode.Usage, "HAQ0237");
        ToolRun.Of("hardware", "fit", Path.Combine(folder, "nowhere.csv")).Failed(ExitCode.Usage, "HAQ0233");
    }

    [Fact]
    public void Wrong_calls_are_told_apart()
    {
        string folder = fixture.NewFolder("measure-wrong"), bundle = Path.Combine(folder, "bundle");
        ToolRun.Of("measure", fixture.Model).Misused("measure", "--output says which folder");
        ToolRun.Of("measure", "--output", bundle).Misused("measure", "give a MODEL");
        ToolRun.Of("measure", fixture.Model, "--output", bundle, "--run", "a {}", "--ssh", "b").Misused("measure", "--run and --ssh exclude each other.");
        ToolRun.Of("measure", "--import", "t.csv", "--run", "a {}").Misused("measure", "--import brings in");
        ToolRun.Of("measure", fixture.Model, "--output", bundle, "--widths", "w9").Failed(ExitCode.Usage, "HAQ0211");
        ToolRun.Of("measure", "nowhere.onnx", "--output", bundle).Failed(ExitCode.Model, "HAQ0301");
        ToolRun.Of("measure", "--output", bundle, "--run", "a {}").Failed(ExitCode.Usage, "HAQ0231");
        ToolRun.Of("measure", "--import", Path.Combine(folder, "times.csv")).Failed(ExitCode.Usage, "HAQ0233");
        Assert.False(Directory.Exists(bundle));
        ToolRun.Of("measure", fixture.Model, "--output", bundle).Succeeded();
        ToolRun.Of("measure", "--output", bundle, "--run", "python3 board.py").Failed(ExitCode.Usage, "HAQ0236");
        ToolRun.Of("measure", "--output", bundle, "--ssh", "-oProxyCommand=true").Misused("measure", "--ssh needs a host");
        ToolRun.Of("measure", "--output", bundle, "--run", "python3 board.py {}", "--timeout", "1e12").Misused("measure", "no more than a week");
        File.WriteAllText(Path.Combine(bundle, "times.csv"), "a,1\n");
        ToolRun.Of("measure", "--import", Path.Combine(bundle, "times.csv")).Failed(ExitCode.Usage, "HAQ0234");
    }
}
