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
        // Times that are brought in again do not make the device's command forgotten.
        ToolRun.Of("measure", "--import", Path.Combine(bundle, "times.csv"), "--hardware", Path.Combine(folder, "board.hardware.yaml")).Succeeded();
        Assert.Contains("run: ", File.ReadAllText(Path.Combine(folder, "board.hardware.yaml")), StringComparison.Ordinal);
        ToolRun.Of("measure", "--output", bundle, "--run", "exit 9; echo {}").Succeeded();
        File.Delete(Path.Combine(bundle, "times.csv"));
        ToolRun.Of("measure", "--output", bundle, "--run", "exit 9; echo {}").Failed(ExitCode.Machine, "HAQ0235");
    }

    [Fact]
    public void A_device_that_tells_its_energy_makes_budgets_of_energy()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the made device is a command of sh");
        string folder = fixture.NewFolder("measure-energy"), bundle = Path.Combine(folder, "bundle"), board = Path.Combine(folder, "board.hardware.yaml");
        // Narrow weights take as long, and half the energy.
        File.WriteAllText(Path.Combine(folder, "board.sh"), "case $1 in empty-*) j=1e-7;; *w4a8) j=5e-5;; *) j=1e-4;; esac; case $1 in empty-*) s=1e-6;; *) s=1e-3;; esac; echo \"$1,$s,,$j\"\n");
        ToolRun.Of("measure", fixture.Model, "--widths", "w8a8,w4a8", "--output", bundle, "--hardware", board, "--run", $"sh '{folder}/board.sh' {{name}} {{}}").Succeeded();
        string csv = ToolRun.Of("simulate", fixture.Model, "--hardware", board, "--bits", "8", "--format", "csv").Succeeded();
        Assert.Contains("energy_mj", csv, StringComparison.Ordinal);

        string manifest = Path.Combine(folder, "haq.yaml");
        File.WriteAllText(manifest, "model: tiny.onnx\nhardware: board.hardware.yaml\nbudget: {energy: 0.9x}\nsearch: {strategy: knapsack}\ndata: {evaluation: images.npy}\n");
        var report = ToolRun.Of("quantize", manifest, "--json").Json();
        double spent = report.GetProperty("cost").GetProperty("energyMj").GetDouble(), allowed = report.GetProperty("budget").GetProperty("energyMj").GetDouble();
        double eight = report.GetProperty("costAt8Bit").GetProperty("energyMj").GetDouble();
        Assert.Equal(0.9 * eight, allowed, 1e-9);
        Assert.InRange(spent, eight * 0.87, allowed);
        Assert.Contains("\"weights\": 4", File.ReadAllText(Path.Combine(folder, "tiny.haq.policy.json")), StringComparison.Ordinal);

        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("0.9x", "0.3x", StringComparison.Ordinal));
        ToolRun.Of("quantize", manifest).Failed(ExitCode.Usage, "HAQ0203");
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
