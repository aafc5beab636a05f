using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>The sample's network through the whole pipeline: a manifest in, model, report, policy and lock file out.</summary>
public sealed class QuantizationPipelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_build_is_repeatable_locked_and_survives_without_its_data()
    {
        Prepare("bits: {weights: [4, 8], activations: 8}\nbudget: {latency: 0.9x}\nsearch: {strategy: knapsack, samples: 100}");
        var first = Run("cache");
        Assert.False(first.FromCache);
        Assert.InRange(first.Report.Cost.LatencyMs, 0, 0.9 * first.Report.CostAt8Bit.LatencyMs);
        Assert.NotEqual(1, first.Report.Layers.Select(l => l.Chosen.Weights).Distinct().Count());
        byte[] model = File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]);
        using (var session = new OrtSession(OnnxModel.Load(_folder["fashion-mobilenet.haq.onnx"]))) Assert.Equal("logits", session.Outputs.Single().Name);

        // Nothing changed: nothing is computed.
        Assert.True(Run("cache").FromCache);

        // Elsewhere, with the lock file and an empty cache: no search, the same bytes.
        File.Delete(_folder["fashion-mobilenet.haq.onnx"]);
        var rebuilt = Run("other cache", locked: true);
        Assert.False(rebuilt.FromCache);
        Assert.Equal(model, File.ReadAllBytes(_folder["fashion-mobilenet.haq.onnx"]));

        // A teammate without the data: the cache has the result.
        foreach (string file in Directory.GetFiles(_folder.Path, "*ubyte.gz")) File.Delete(file);
        Assert.True(Run("cache", locked: true).FromCache);
        var missing = Assert.Throws<HaqException>(() => Run("a third cache", locked: true));
        Assert.Equal("HAQ0805", missing.Diagnostic.Descriptor.Code);
    }

    [Fact]
    public void A_locked_build_refuses_a_changed_manifest()
    {
        Prepare("bits: 8");
        Run("cache");
        File.AppendAllText(_folder["haq.yaml"], "metric: top5\n");
        var error = Assert.Throws<HaqException>(() => Run("cache", locked: true));
        Assert.Equal("HAQ0803", error.Diagnostic.Descriptor.Code);
        Assert.Contains("the manifest (metric: top5 is new)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_is_no_change_and_a_locked_build_writes_no_lock_whose_line_ends_stay()
    {
        Prepare("bits: 8");
        Run("cache");
        string path = _folder["haq.lock.json"], windows = File.ReadAllText(path).ReplaceLineEndings("\r\n");
        File.WriteAllText(path, windows);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        File.WriteAllText(_folder["haq.yaml"], "# why\n" + File.ReadAllText(_folder["haq.yaml"]).Replace("bits: 8", "bits:   8   # all", StringComparison.Ordinal).ReplaceLineEndings("\r\n"));
        Assert.True(Run("cache", locked: true).FromCache);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
        Assert.True(Run("cache").FromCache);
        Assert.Equal(windows, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("budget: {latency: 0.01x}", "HAQ0203")]
    [InlineData("bits: 8\nlayers: {nothing: {weights: 4}}", "HAQ0602")]
    [InlineData("bits: 8\nlayers: {nothing: skip}", "HAQ0602")]
    [InlineData("bits: {weights: 8, activations: 16}", "HAQ0608")]
    [InlineData("bits: {weights: [8, float]}", "HAQ0608")]
    [InlineData("bits: 8\nlayers: {/3/Conv: {activations: 16}}", "HAQ0608")]
    [InlineData("bits: 12", "HAQ0004")]
    [InlineData("bits: {weights: 16}\nquantization: {weights: kmeans}", "HAQ0011")]
    [InlineData("objective: size\nbudget: {accuracy-drop: 1 %}\nmetric: sqnr", "HAQ0011")]
    [InlineData("budget: {size: 0.2x}\nfinetune: {epochs: 1}\nquantization: {weights: kmeans}", "HAQ0010")]
    [InlineData("budget: {size: 0.2x}\nformat: qonnx\nquantization: {weights: kmeans}", "HAQ0011")]
    [InlineData("budget: {latency: 0.6x}\nformat: qonnx\nquantization: {block: 32}", "HAQ0011")]
    [InlineData("budget: {energy: 0.6x}", "HAQ0204")]
    [InlineData("budget: {latency: 0.6x}\nquantization: {weights: kmeans}", "HAQ0011")]
    [InlineData("budget: {size: 0.1x}\nbits: {activations: [4, 8]}\nquantization: {weights: kmeans}", "HAQ0011")]
    [InlineData("budget: {size: 0.1x}\nlayers: {\"*\": {activations: 8}}\nquantization: {weights: kmeans}", "HAQ0011")]
    [InlineData("budget: {size: 0.01x}\nquantization: {weights: kmeans}", "HAQ0203")]
    public void What_cannot_be_done_is_refused_before_anything_is_written(string lines, string code)
    {
        Prepare(lines);
        var error = Assert.Throws<HaqException>(() => Run("cache"));
        Assert.Equal(code, error.Diagnostic.Descriptor.Code);
        Assert.False(File.Exists(_folder["fashion-mobilenet.haq.onnx"]));
        Assert.False(File.Exists(_folder["haq.lock.json"]));
    }

    [Fact]
    public void Labels_of_other_classes_are_refused()
    {
        Prepare("bits: 8");
        // An IDX file of bytes in one dimension: 2,000 labels, one of them beyond the ten classes.
        byte[] labels = [0, 0, 8, 1, 0, 0, 0x07, 0xD0, .. new byte[1999], 10];
        File.Delete(_folder["evaluation-labels-idx1-ubyte.gz"]);
        File.WriteAllBytes(_folder["labels-idx1-ubyte"], labels);
        File.WriteAllText(_folder["haq.yaml"], File.ReadAllText(_folder["haq.yaml"]).Replace("evaluation-labels-idx1-ubyte.gz", "labels-idx1-ubyte",
            StringComparison.Ordinal).Replace("samples: 400", "samples: 2000", StringComparison.Ordinal));
        var error = Assert.Throws<HaqException>(() => Run("cache"));
        Assert.Equal("HAQ0104", error.Diagnostic.Descriptor.Code);
        Assert.Contains("10 classes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_skipped_layer_stays_in_float_in_the_file_and_in_the_bill()
    {
        Prepare("bits: 8\nlayers: {/3/Conv: skip}");
        var result = Run("cache");
        var layer = Assert.Single(result.Report.Layers, l => l.Name == "/3/Conv");
        Assert.Equal((32, 32), (layer.Chosen.Weights, layer.Chosen.Activations));
        Assert.Equal("an entry under 'layers:'", layer.Pinned);
        // No cheaper than in 8 bits, and part of the sum.
        Assert.True(layer.Chosen.LatencyMs >= layer.At8Bit.LatencyMs);
        Assert.Equal(result.Report.Layers.Sum(l => l.Chosen.Cycles), result.Report.Cost.Cycles);
        Assert.Equal(result.Report.Layers.Sum(l => l.WeightCount * l.Chosen.Weights) / 8, result.Report.Layers.Sum(l => l.WeightCount) + 3 * layer.WeightCount);
        var counted = ExportedWidths.Of(_folder["fashion-mobilenet.haq.onnx"]);
        Assert.Equal((32, 32), counted.LayersByNode["/3/Conv"]);
        Assert.All(counted.LayersByNode.Where(l => l.Key != "/3/Conv"), l => Assert.Equal((8, 8), l.Value));
    }

    [Fact]
    public void Weights_that_share_codebooks_are_searched_priced_and_exported_by_size()
    {
        Prepare("bits: {weights: [2, 4, 6]}\nbudget: {size: 0.125x}\nquantization: {weights: kmeans}\nsearch: {strategy: knapsack, samples: 64}");
        var result = Run("cache");
        Assert.InRange(result.Report.Cost.SizeBytes, 0, result.Report.Model.FloatBytes / 8.0);
        Assert.All(result.Report.Layers, l => Assert.Equal(32, l.Chosen.Activations));
        Assert.Equal([8, 8], [result.Report.Layers[0].Chosen.Weights, result.Report.Layers[^1].Chosen.Weights]);
        Assert.True(result.Report.Layers.Select(l => l.Chosen.Weights).Distinct().Count() > 2);
        Assert.InRange(result.Report.Quantized!.Top1!.Value, result.Report.Float!.Top1!.Value - 3, 100);
        Assert.InRange(new FileInfo(_folder["fashion-mobilenet.haq.onnx"]).Length, (long)result.Report.Cost.SizeBytes, (long)result.Report.Cost.SizeBytes + 50_000);
        Assert.Equal(result.Report.Cost, Run("another cache").Report.Cost);
    }

    [Fact]
    public void Every_step_of_quantization_is_switched_on_measured_and_repeatable()
    {
        Prepare("bits: 8\nlayers: {\"/24/Conv\": {weights: 2}}\nquantization: {ranges: percentile, percentile: 99.9, per-channel: false, equalize: true, rounding: block}");
        var report = Run("cache", full: true).Report;
        Assert.Equal(
            ["batch-norm folding", "cross-layer equalization", "per-channel weights", "activation smoothing", "ranges", "bias correction",
                "second-order rounding", "block reconstruction"], report.Steps.Select(s => s.Name));
        Assert.Equal("nothing to do", report.Steps[0].Detail);
        Assert.Equal("off (per-channel)", report.Steps[2].Detail);
        Assert.Equal("off (smooth)", report.Steps[3].Detail);
        Assert.All(report.Steps.Where((_, i) => i is not 0 and not 2 and not 3), s => Assert.True(s is { LossBefore: not null, LossAfter: not null, StandardError: not null }, s.Name));
        Assert.All(report.Steps.Where(s => s.LossAfter is not null).Zip(report.Steps.Where(s => s.LossAfter is not null).Skip(1)), p => Assert.Equal(p.First.LossAfter, p.Second.LossBefore));
        Assert.True(report.Steps[^1].LossAfter < 0.5 * report.Steps[1].LossBefore, string.Join(", ", report.Steps.Select(s => s.LossAfter)));
        Assert.All(report.Layers, l => Assert.True(l is { GivenBack: not null, DamageAlone: not null, SqnrDb: not null, PathSqnrDb: not null,
            Saturation: not null, AccumulatorBits: > 8 and <= 32 }, l.Name));
        Assert.Equal("/24/Conv", report.Layers.MaxBy(l => l.DamageAlone)!.Name);
        Assert.Null(report.NotMeasured);
        // What was measured once is there for later builds, which do not ask for it.
        Assert.Equal(report.Steps, Run("cache").Report.Steps);

        // One step for the tensor is one number in the file.
        string path = _folder["fashion-mobilenet.haq.onnx"];
        var view = new GraphView(OnnxModel.Load(path));
        var weight = view.ProducerOf(view.Order.Single(n => n.Name == "/24/Conv").Input[1])!;
        Assert.Single(view.Floats(weight.Input[1])!);
        byte[] model = File.ReadAllBytes(path);
        Run("another cache", locked: true);
        Assert.Equal(model, File.ReadAllBytes(path));
    }

    private void Prepare(string lines)
    {
        foreach (string file in new[] { "fashion-mobilenet.onnx", "evaluation-images-idx3-ubyte.gz", "evaluation-labels-idx1-ubyte.gz" })
            File.Copy(Shared.File($"sample/{file}"), _folder[file]);
        File.WriteAllText(_folder["haq.yaml"], $$"""
            model: fashion-mobilenet.onnx
            hardware: bismo-edge
            data:
              preprocess: {scale: 255}
              calibration: {path: evaluation-images-idx3-ubyte.gz, samples: 32}
              evaluation: {path: evaluation-images-idx3-ubyte.gz, labels: evaluation-labels-idx1-ubyte.gz, samples: 400}
            {{lines}}

            """);
    }

    private PipelineResult Run(string cache, bool locked = false, bool full = false) =>
        ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder[cache])) { Locked = locked, FullReport = full }, null, CancellationToken.None);
}
