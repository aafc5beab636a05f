using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Reporting;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>The sample's network for the processor under ONNX Runtime: whatever the machine makes of it, the file is not slower than float, the choice is kept, and the lock file makes the same bytes again.</summary>
public sealed class RegionPipelineTests : IDisposable
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
        Assert.True(result.Report.Float!.Top1 - result.Report.Quantized!.Top1 <= 4);
        Assert.Equal(measured.Integers == 0, result.Warnings.Any(w => w.Descriptor.Code is "HAQ1502" or "HAQ1503"));
        Assert.Contains("on this processor (1 thread)", Headline.Of(result.Report), StringComparison.Ordinal);
        byte[] model = File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]);

        // The measurements are kept: another report setting, the same choice.
        Assert.True(Run("cache").FromCache);

        var rebuilt = Run("other cache", locked: true);
        Assert.False(rebuilt.FromCache);
        Assert.Equal(model, File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]));
        Assert.Equal(measured.QuantizedMs, rebuilt.Report.Measured!.QuantizedMs);
        Assert.DoesNotContain(rebuilt.Warnings, w => w.Descriptor.Code == "HAQ1504");
    }

    [Fact]
    public void A_lock_file_of_another_processor_makes_the_same_bytes_and_warns()
    {
        Prepare("bits: 8");
        Run("cache");
        byte[] model = File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]);
        string text = File.ReadAllText(_folder["haq.lock.json"]);
        var sets = System.Text.RegularExpressions.Regex.Match(text, "\"instructionSets\": \"[^\"]*\"");
        Assert.True(sets.Success);
        File.WriteAllText(_folder["haq.lock.json"], text.Replace(sets.Value, "\"instructionSets\": \"sse2\"", StringComparison.Ordinal));
        var rebuilt = Run("other cache", locked: true);
        Assert.Equal(model, File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]));
        Assert.Contains("(sse2)", Assert.Single(rebuilt.Warnings, w => w.Descriptor.Code == "HAQ1504").Message, StringComparison.Ordinal);
    }

    private void Prepare(string lines)
    {
        foreach (string file in new[] { "fashion-mobilenet.onnx", "evaluation-images-idx3-ubyte.gz", "evaluation-labels-idx1-ubyte.gz" })
            File.Copy(Shared.File($"sample/{file}"), _folder[file]);
        File.WriteAllText(_folder["haq.yaml"], $$"""
            model: fashion-mobilenet.onnx
            hardware: {name: onnxruntime, threads: 1, batch: 1}
            data:
              preprocess: {scale: 255}
              calibration: {path: evaluation-images-idx3-ubyte.gz, samples: 32}
              evaluation: {path: evaluation-images-idx3-ubyte.gz, labels: evaluation-labels-idx1-ubyte.gz, samples: 300}
            {{lines}}

            """);
    }

    private PipelineResult Run(string cache, bool locked = false) =>
        ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder[cache])) { Locked = locked }, null, CancellationToken.None);
}
