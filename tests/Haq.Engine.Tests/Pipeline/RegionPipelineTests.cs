using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>
/// The sample's network for the processor under ONNX Runtime: whatever the machine makes of it, the file is not slower than float, the choice is
/// kept, and the lock file makes the same bytes again.
/// </summary>
public sealed class RegionPipelineTests(BuiltForProcessor built) : IClassFixture<BuiltForProcessor>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_chosen_is_measured_kept_and_made_again_from_the_lock_file()
    {
        Prepare("objective: latency\nbudget: {accuracy-drop: 2 %}");
        var result = Run("cache");
        var measured = result.Report.Measured!;
        Assert.Equal((1, 1), (measured.Threads, measured.Batch));
        Assert.True(measured.FloatMs > 0 && measured.UniformInt8Ms > 0 && measured.PredictedMs > 0);
        Assert.StartsWith("1.31", measured.Runtime, StringComparison.Ordinal);
        // Integers only where the whole interval is below float's time.
        Assert.True(measured.Integers == 0 || measured.RatioHigh <= 1);
        // Each layer says what it became; integers have a region, and everything has a time.
        Assert.All(result.Report.Layers, l => Assert.Equal(l.Placement!.Form == "integers", l.Placement.Region is not null));
        Assert.All(result.Report.Layers, l => Assert.Equal(l.Placement!.Form == "float", l.Chosen.Weights == 32));
        Assert.All(result.Report.Layers, l => Assert.True(l.Placement!.MeasuredMs > 0 && l.Placement.FloatMs > 0));
        Assert.True(result.Report.Float!.Top1 - result.Report.Quantized!.Top1 <= 4);
        Assert.Equal(measured.Integers == 0, result.Warnings.Any(w => w.Descriptor.Code is "HAQ1502" or "HAQ1503"));
        Assert.Contains("on this processor (1 thread)", Headline.Of(result.Report), StringComparison.Ordinal);
        byte[] model = File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]);

        // The measurements are kept, unless they told nothing.
        if (!IsUndecided(result)) Assert.True(Run("cache").FromCache);

        var rebuilt = Run("other cache", locked: true);
        Assert.False(rebuilt.FromCache);
        Assert.Equal(model, File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]));
        Assert.Equal(measured.QuantizedMs, rebuilt.Report.Measured!.QuantizedMs);
        Assert.DoesNotContain(rebuilt.Warnings, w => w.Descriptor.Code == "HAQ1504");
    }

    [Fact]
    public void A_lock_file_of_another_processor_makes_the_same_bytes_and_warns()
    {
        built.CopyTo(_folder);
        byte[] model = File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]);
        string text = File.ReadAllText(_folder["haq.lock.json"]);
        var sets = System.Text.RegularExpressions.Regex.Match(text, "\"instructionSets\": \"[^\"]*\"");
        Assert.True(sets.Success);
        File.WriteAllText(_folder["haq.lock.json"], text.Replace(sets.Value, "\"instructionSets\": \"sse2\"", StringComparison.Ordinal));
        var rebuilt = Run("other cache", locked: true);
        Assert.Equal(model, File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]));
        Assert.Contains("(sse2)", Assert.Single(rebuilt.Warnings, w => w.Descriptor.Code == "HAQ1504").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_given_policy_is_kept_and_what_is_between_its_layers_is_measured()
    {
        Prepare("objective: latency\nbudget: {accuracy-drop: 50 %}");
        Policy Given(IReadOnlyList<QuantizableLayer> layers) => new([.. layers.Select((_, i) => i % 3 == 0 ? LayerBits.Float : new LayerBits(8, 8))]);
        var result = Run("cache", policy: Given);
        Assert.Equal(result.Report.Layers.Select((_, i) => i % 3 == 0 ? 32 : 8), result.Report.Layers.Select(l => l.Chosen.Weights));
        Assert.True(result.Report.Measured!.Integers >= result.Report.Layers.Count(l => l.Chosen.Weights == 8));
        Assert.False(File.Exists(_folder["haq.lock.json"]));

        // Another command that looks at the same policy sees the same file, and measures nothing again.
        using var workspace = Workspace.Open(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
        var measured = PolicyMeasurement.Run(workspace, w => Given(w.Model.Items));
        Assert.Equal(result.Report.Measured.Operators, measured.Regions!.Operators);
        if (IsUndecided(result)) return;
        Assert.Equal((result.Report.Measured.QuantizedMs, result.Report.Measured.Ratio), (measured.Regions.QuantizedMs, measured.Regions.Ratio));
        Assert.Equal(result.Report.Quantized!.Top1, measured.Quantized.Top1);
    }

    [Fact]
    public void What_timings_left_undecided_is_decided_by_the_next_build()
    {
        built.CopyTo(_folder);
        string text = File.ReadAllText(_folder["haq.lock.json"]);
        var verdict = System.Text.RegularExpressions.Regex.Match(text, "\"verdict\": \"[^\"]*\"");
        File.WriteAllText(_folder["haq.lock.json"], text.Replace(verdict.Value, "\"verdict\": \"TooNoisy\"", StringComparison.Ordinal));
        string path = _folder["haq.lock.json"];
        Assert.Null(Usable(locked: false));
        // Where nothing may be chosen it stands.
        Assert.NotNull(Usable(locked: true));
        File.WriteAllText(path, text.Replace(verdict.Value, "\"verdict\": \"Faster\"", StringComparison.Ordinal));
        Assert.NotNull(Usable(locked: false));

        LockFile? Usable(bool locked)
        {
            using var workspace = Workspace.Open(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])) { Locked = locked }, null, CancellationToken.None);
            return BuildLock.Usable(workspace, path);
        }
    }

    [Fact]
    public void A_plan_of_another_network_is_an_error()
    {
        built.CopyTo(_folder);
        string text = File.ReadAllText(_folder["haq.lock.json"]);
        var plan = System.Text.RegularExpressions.Regex.Match(text, "\"plan\": \"[^\"]*\"");
        File.WriteAllText(_folder["haq.lock.json"], text.Replace(plan.Value, "\"plan\": \"ii\"", StringComparison.Ordinal));
        Assert.Equal("HAQ0802", Assert.Throws<HaqException>(() => Run("other cache", locked: true)).Diagnostic.Descriptor.Code);
    }

    private static bool IsUndecided(PipelineResult result) => result.Warnings.Any(w => w.Descriptor.Code == "HAQ1503");

    private void Prepare(string lines) => BuiltForProcessor.Prepare(_folder, lines);

    private PipelineResult Run(string cache, bool locked = false, Func<IReadOnlyList<QuantizableLayer>, Policy>? policy = null) =>
        ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder[cache])) { Locked = locked, Policy = policy }, null, CancellationToken.None);
}
