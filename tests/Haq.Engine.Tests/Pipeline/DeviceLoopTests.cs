using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting;

namespace Haq.Engine.Tests.Pipeline;

/// <summary><c>search: {measure: top N}</c>: the device has the last word, where it may be asked.</summary>
public sealed class DeviceLoopTests : IDisposable
{
    private const string Secret = "token=hunter2";

    private const double WholeDrop = 90;
    private const string Any = "90 %";

    // Three candidates in three rounds.
    private const int Measurements = 9;

    private static readonly Dictionary<string, string> s_keys = TinyProject.With(TinyProject.Base, new Dictionary<string, string>
    {
        ["quantization.rounding"] = "", ["finetune.epochs"] = "", ["finetune.batch"] = "", ["layers.head.weights"] = "", ["search.strategy"] = "auto", ["search.measure"] = "top 3",
        ["budget.accuracy-drop"] = Any, ["hardware"] = "board.yaml",
    });

    private readonly TinyProject _project = new();

    public DeviceLoopTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the made device is a script of sh");
        // Knows a file by the place that its name begins with, and counts its calls.
        Device("case $2 in candidate-2-*) echo 0.001;; *) echo 0.004;; esac");
    }

    public void Dispose() => _project.Dispose();

    [Fact]
    public void The_fastest_candidate_that_keeps_the_accuracy_is_taken_and_both_times_are_told()
    {
        var result = Build(s_keys);
        var device = result.Report.Device!;
        Assert.Equal(3, device.Candidates.Length);
        Assert.Equal([false, true, false], device.Candidates.Select(c => c.IsChosen));
        Assert.Equal([4, 1, 4], device.Candidates.Select(c => c.MeasuredMs));
        Assert.All(device.Candidates, c => Assert.True(c.KeepsAccuracy && c.SpreadMs == 0 && c.Quality > 0));
        Assert.Equal((3, 1, device.Candidates[1].PredictedMs), (device.Rounds, device.MeasuredMs, device.PredictedMs));
        Assert.Equal(device.Candidates[1].Policy, result.Report.PolicyDigest);
        Assert.Equal(device.PredictedMs, result.Report.Cost.LatencyMs, 1e-9);
        Assert.Equal(3, device.Candidates.Select(c => c.Policy).Distinct().Count());
        Assert.Equal(Measurements, Calls);
        Assert.DoesNotContain(result.Warnings, w => w.Descriptor.Code.StartsWith("HAQ194", StringComparison.Ordinal));

        var locked = Lock!;
        Assert.Equal(device.Candidates, locked.Device!.Candidates);
        Assert.Equal(device.By, locked.Device.By);
        string page = HtmlReport.Write(result.Report);
        Assert.Contains("Measured on the device", page, StringComparison.Ordinal);
        Assert.Contains("the fastest was taken", page, StringComparison.Ordinal);
        Assert.Contains("Latency, measured on the device", MarkdownReport.Summary(result.Report), StringComparison.Ordinal);
        Assert.Equal(device.Candidates, JsonReport.Read(JsonReport.Write(result.Report), "r.json").Device!.Candidates);
        // The command itself is nobody else's to read.
        string[] told = [page, MarkdownReport.Summary(result.Report), JsonReport.Write(result.Report), File.ReadAllText(_project["haq.lock.json"])];
        Assert.All(told, text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
        Assert.Matches("^sh \\(command [0-9a-f]{8}\\)$", device.By);
    }

    [Fact]
    public void What_the_lock_file_holds_is_never_measured_again_and_makes_the_same_file_elsewhere()
    {
        var first = Build(s_keys);
        string model = first.Outputs.First(o => o.Kind == "model").Path;
        byte[] bytes = File.ReadAllBytes(model);
        File.Delete(_project["device.sh"]);
        // Another machine: no cache, no device, no leave.
        var second = Run(access: null, cache: "elsewhere", o => o with { Locked = true });
        Assert.Equal(bytes, File.ReadAllBytes(model));
        Assert.Equal(first.Report.Device!.Candidates, second.Report.Device!.Candidates);
        Assert.DoesNotContain(second.Warnings, w => w.Descriptor.Code == "HAQ1945");
        Assert.Equal(first.Report.PolicyDigest, Run(new DeviceAccess(), cache: "elsewhere").Report.PolicyDigest);
        Assert.Equal(Measurements, Calls);
    }

    [Fact]
    public void Without_leave_no_command_is_started_and_the_build_says_how_to_allow_it()
    {
        var result = Build(s_keys, access: null);
        Assert.Null(result.Report.Device);
        var warning = Assert.Single(result.Warnings, w => w.Descriptor.Code == "HAQ1945");
        Assert.Contains("HaqMeasure", warning.Message, StringComparison.Ordinal);
        Assert.Contains("--measure", warning.Message, StringComparison.Ordinal);
        Assert.True(warning.Location is { Line: > 0, Column: > 0 });
        Assert.Equal(0, Calls);
        // The warning stands as long as its cause, and leave to measure decides anew.
        Assert.Contains(Run(access: null).Warnings, w => w.Descriptor.Code == "HAQ1945");
        Assert.Contains(Run(access: null, "cache", o => o with { Locked = true }).Warnings, w => w.Descriptor.Code == "HAQ1945");
        var measured = Run(new DeviceAccess());
        Assert.Equal(1, measured.Report.Device!.MeasuredMs);
        Assert.Equal(Measurements, Calls);
        Assert.DoesNotContain(Run(access: null).Warnings, w => w.Descriptor.Code == "HAQ1945");
    }

    [Fact]
    public void A_device_that_fails_half_way_costs_no_measurement_and_no_lock_file()
    {
        Build(s_keys, access: null);
        string before = File.ReadAllText(_project["haq.lock.json"]);
        Device("[ $n -ne 5 ] || { echo 'no such device' >&2; exit 7; }; printf '0.%03d\\n' $n");
        var error = Assert.Throws<HaqException>(() => Run(new DeviceAccess()));
        Assert.Equal("HAQ0235", error.Diagnostic.Descriptor.Code);
        Assert.Contains("ended with status 7: no such device. 4 of 9 measurements are kept", error.Message, StringComparison.Ordinal);
        Assert.True(error.Diagnostic.Location is { Line: > 0, Column: > 0 } at && at.File == _project["haq.yaml"], error.Diagnostic.ToString());
        Assert.Equal(before, File.ReadAllText(_project["haq.lock.json"]));

        var result = Run(new DeviceAccess());
        // Four before, one in vain, five after.
        Assert.Equal(Measurements + 1, Calls);
        Assert.Equal([4, 6, 7], result.Report.Device!.Candidates.Select(c => c.MeasuredMs));
        Assert.Equal([7, 7, 7], result.Report.Device!.Candidates.Select(c => Math.Round(c.SpreadMs, 9)));
    }

    [Fact]
    public void A_candidate_below_the_limit_is_not_taken_however_fast()
    {
        // Limits lie between what the candidates have on this machine: kernels of other processors round otherwise.
        var narrow = TinyProject.With(s_keys, [new("metric", "cosine"), new("budget.latency", "0.7x")]);
        var seen = Build(narrow).Report.Device!;
        double[] qualities = [.. seen.Candidates.Select(c => c.Quality)];
        double best = qualities.Max(), whole = seen.LeastQuality + WholeDrop, limit = (best + qualities.Where(q => q < best).Max()) / 2;
        Assert.True(best < whole, "rounding costs nothing here");
        bool[] keep = [.. qualities.Select(q => q > limit)];

        Device($"case $2 in {string.Join('|', Enumerable.Range(0, keep.Length).Where(i => keep[i]).Select(i => $"candidate-{i + 1}-*"))}) echo 0.004;; *) echo 0.001;; esac");
        var device = Limited(whole - limit).Report.Device!;
        Assert.Equal(seen.Candidates.Select(c => c.Policy), device.Candidates.Select(c => c.Policy));
        Assert.Equal(keep, device.Candidates.Select(c => c.KeepsAccuracy));
        Assert.Equal(Array.IndexOf(keep, true), device.Candidates.ToList().FindIndex(c => c.IsChosen));
        Assert.Equal(4, device.MeasuredMs);

        var lost = Limited((whole - best) / 2);
        Assert.DoesNotContain(lost.Report.Device!.Candidates, c => c.KeepsAccuracy);
        Assert.True(lost.Report.Device.Candidates[0].IsChosen);
        Assert.Contains(lost.Warnings, w => w.Descriptor.Code == "HAQ1947");

        // Without the cache, which knows the times of the device as it was.
        PipelineResult Limited(double drop)
        {
            _project.Open(TinyProject.With(narrow, [new("budget.accuracy-drop", FormattableString.Invariant($"{drop:0.##########} %"))])).Dispose();
            return Run(new DeviceAccess(), cache: "anew");
        }
    }

    [Fact]
    public void Candidates_are_timed_in_rounds_behind_a_shell_on_the_device_and_a_cut_is_gone_on_with()
    {
        // Does what runners do. Its connection is cut after two files of the second round; what it measured is there, and is fetched.
        string board = _project["board"], runner = _project["runner.sh"];
        File.WriteAllText(runner, $$"""
            round=$(cat round.txt)
            for model in probes/*.onnx; do
                name=$(basename "$model" .onnx)
                grep -q "^$name," times.csv && continue
                [ -s "$model" ] && [ -s measure.json ] || exit 9
                case $round in *-2) [ ! -e 'cut' ] && [ "$(grep -c ^candidate times.csv)" -eq 2 ] && { touch cut; exit 255; };; esac
                case $name in candidate-3-*) seconds=0.001;; *) seconds=0.004;; esac
                echo "$round $name" >>log
                echo "$name,$seconds" >>times.csv
            done

            """);
        // Begins in a folder where nothing is to be written, as a phone's shell does.
        string root = Directory.CreateDirectory(_project["root"]).FullName;
        File.WriteAllText(_project["adb"], $"[ \"$1\" = shell ] || exit 64\ncd '{root}'\nexec sh -c \"$2\"\n");
        Hardware($"sh '{_project["adb"]}' shell {{}}", $"runner: \"sh '{runner}'\"\nremote: \"{board}\"\n");
        var device = Build(s_keys).Report.Device!;
        Assert.Equal([false, false, true], device.Candidates.Select(c => c.IsChosen));
        Assert.Matches("^sh \\(command [0-9a-f]{8}\\)$", device.By);
        Assert.Empty(Directory.GetFileSystemEntries(root));
        Assert.Empty(Directory.GetFiles(Path.Combine(board, "probes")));
        Assert.False(File.Exists(Path.Combine(board, "times.csv")));
        string[] log = File.ReadAllLines(Path.Combine(board, "log"));
        Assert.Equal(Measurements, log.Distinct().Count());
        Assert.Equal(Measurements, log.Length);
        Assert.True(File.Exists(Path.Combine(board, "cut")));
    }

    [Fact]
    public void What_is_missing_is_said_at_its_place()
    {
        var unlimited = Assert.Throws<HaqException>(() => Build(TinyProject.With(s_keys, [new("budget.accuracy-drop", "")])));
        Assert.Equal("HAQ0238", unlimited.Diagnostic.Descriptor.Code);
        Assert.Contains("accuracy-drop: 1 %", unlimited.Message, StringComparison.Ordinal);
        Assert.True(unlimited.Diagnostic.Location is { Line: > 0, Column: > 0 });
        var silent = Assert.Throws<HaqException>(() => Build(TinyProject.With(s_keys, [new("hardware", "bismo-edge")])));
        Assert.Equal("HAQ0238", silent.Diagnostic.Descriptor.Code);
        Assert.Contains("--run", silent.Message, StringComparison.Ordinal);
        Assert.Equal(1, Build(TinyProject.With(s_keys, [new("hardware", "bismo-edge")]), new DeviceAccess { Run = Command }).Report.Device!.MeasuredMs);
        var wrong = Assert.Throws<HaqException>(() => Build(TinyProject.With(s_keys, [new("search.measure", "all")])));
        Assert.Contains("as in 'top 5'", wrong.Message, StringComparison.Ordinal);
        var fixedWidths = Build(TinyProject.With(s_keys, [new("bits.weights", "8"), new("bits.activations", "8")]));
        Assert.Contains(fixedWidths.Warnings, w => w.Descriptor.Code == "HAQ1946");
    }

    [Fact]
    public void That_the_device_has_nothing_to_decide_is_decided_once()
    {
        Build(TinyProject.With(s_keys, [new("bits.weights", "8"), new("bits.activations", "8")]));
        var locked = Lock!;
        Assert.Equal("every layer has one choice of widths alone", locked.NothingToMeasure);
        // A figure that only the lock file has tells whether a build went by it.
        var marked = locked with { Search = locked.Search with { Evaluated = 77 } };
        marked.Write(_project["haq.lock.json"]);
        var again = Run(new DeviceAccess(), cache: "elsewhere");
        Assert.Equal(77, again.Report.Search!.Evaluated);
        Assert.Contains(again.Warnings, w => w.Descriptor.Code == "HAQ1946");
        (marked with { NothingToMeasure = null }).Write(_project["haq.lock.json"]);
        Assert.Null(Run(new DeviceAccess(), cache: "anew").Report.Search);
    }

    private string Command => $"sh '{_project["device.sh"]}' {{}} {{name}} {Secret}";

    private int Calls => File.Exists(_project["count"]) ? int.Parse(File.ReadAllText(_project["count"]), System.Globalization.CultureInfo.InvariantCulture) : 0;

    private LockFile? Lock => LockFile.Read(_project["haq.lock.json"]);

    private void Device(string print)
    {
        File.WriteAllText(_project["device.sh"], $"cd '{Path.GetDirectoryName(_project["device.sh"])}'\nn=$(($(cat count 2>/dev/null || echo 0) + 1)); echo $n >count\n[ -s \"$1\" ] || exit 9\n{print}\n");
        Hardware(Command, "");
    }

    private void Hardware(string run, string others) => File.WriteAllText(_project["board.yaml"], "name: board\nkind: bit-serial\nclock_mhz: 200\nrows: 8\ncols: 8\n"
        + $"dot_width: 256\nbuffer_entries: 1024\nfetch_bits: 32\ndepthwise_group: 1\nprovenance: made for this test\nrun: \"{run}\"\n{others}");

    private PipelineResult Build(IReadOnlyDictionary<string, string> keys) => Build(keys, new DeviceAccess());

    private PipelineResult Build(IReadOnlyDictionary<string, string> keys, DeviceAccess? access)
    {
        _project.Open(keys).Dispose();
        return Run(access);
    }

    private PipelineResult Run(DeviceAccess? access, string cache = "cache", Func<PipelineOptions, PipelineOptions>? ask = null)
    {
        var options = new PipelineOptions(_project["haq.yaml"], new StageCache(_project[cache])) { Device = access };
        return ManifestBuild.Run(ask?.Invoke(options) ?? options, null, CancellationToken.None);
    }
}
