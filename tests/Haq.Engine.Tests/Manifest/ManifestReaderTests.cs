using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Search;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Manifest;

public sealed class ManifestReaderTests
{
    private const string Minimal = "model: m.onnx\nhardware: bismo-edge\nbudget: {latency: 0.6x}\n";

    private const string Everything = """
        model: models/mobilenet.onnx
        output: out/mobilenet.q.onnx
        format: qdq
        hardware: ./edge.yaml
        budget:
          latency: 58 ms
          size: 0.1x
          accuracy-drop: 1 %
        objective: accuracy
        data:
          preprocess: {scale: 255}
          calibration: {path: calibration.npz}
          evaluation:  {path: images/, labels: labels.csv, corrupt: 2 %, preprocess: {resize: 256, crop: [224, 192], mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.2], layout: nchw, color: bgr}}
          training:    {path: {ids: ids.npy, mask: mask.npy}, labels: {array: y}, dtype: uint8, shape: [3, 4], samples: 10}
          search: raw.bin
        layers:
          "first*": {weights: 8, activations: [8, 4]}
          "head/?": skip
        bits: {weights: 2..6, activations: [4, 8, 6]}
        inputs: {image: [1, 1, 28, 28], ids: tokens, mask: {shape: [1, 7], array: m}}
        metric: {kind: cosine, output: logits}
        search:   {strategy: ddpg, episodes: 50, seed: 7, evaluate: finetuned, samples: 100, time-limit: 10 min, ddpg: {warmup: 5, hidden: [40, 30], projection: knapsack}}
        quantization: {ranges: kl, per-channel: false, rounding: nearest}
        finetune: {epochs: 2, optimizer: sgd, learning-rate: 1e-2, schedule: step, batch: 32, loss: cross-entropy, augment: {flip: true, shift: 4}, gradient-clip: 2}
        """;

    [Fact]
    public void The_least_manifest_has_the_documented_defaults()
    {
        var manifest = ManifestReader.Parse("/p/haq.yaml", Minimal);
        Assert.Equal("/p/m.onnx", manifest.Model.FullPath);
        Assert.Equal("/p/m.haq.onnx", manifest.Output);
        Assert.Null(manifest.Hardware.File);
        Assert.Equal(0.6, manifest.Budget.Latency!.Value.Value.Value);
        Assert.Equal(new SourceLocation("/p/haq.yaml", 3, 19), manifest.Budget.Latency!.Value.At);
        Assert.Equal([2, 3, 4, 5, 6, 7, 8], manifest.Bits.Weights.Select(b => b.Bits));
        Assert.Equal("auto", manifest.Search.Strategy.Value);
        Assert.Equal((600, 1, 1000, 20), (manifest.Search.Episodes, manifest.Search.Seed, manifest.Search.Samples, manifest.Search.Ddpg.Warmup));
        Assert.Null(manifest.Finetune);
        Assert.Null(manifest.Data.Evaluation);
    }

    [Theory]
    [InlineData("true", new[] { "identities", "transposes", "gelu", "hard-sigmoid", "normalization" })]
    [InlineData("false", new string[0])]
    [InlineData("[normalization, gelu]", new[] { "normalization", "gelu" })]
    public void Rewritings_are_all_none_or_named(string value, string[] names)
    {
        Assert.Equal(names, ManifestReader.Parse("/p/haq.yaml", Minimal + $"quantization: {{simplify: {value}}}").Quantization.Simplify!.Value);
        Assert.Null(ManifestReader.Parse("/p/haq.yaml", Minimal).Quantization.Simplify);
    }

    [Fact]
    public void Every_key_arrives()
    {
        var manifest = ManifestReader.Parse("/p/haq.yaml", Everything);
        Assert.Equal("/p/models/mobilenet.onnx", manifest.Model.FullPath);
        Assert.Equal("/p/edge.yaml", manifest.Hardware.File);
        Assert.Equal(0.058, manifest.Budget.Latency!.Value.Value.Value, 1e-12);
        Assert.Equal(1, manifest.Budget.AccuracyDrop!.Value.Value.Value);
        var evaluation = manifest.Data.Evaluation!;
        Assert.Equal("/p/labels.csv", evaluation.Labels!.Path!.FullPath);
        Assert.Equal([256], evaluation.Preprocess.Resize);
        Assert.Equal([224, 192], evaluation.Preprocess.Crop);
        Assert.Equal([0.5, 0.4, 0.3], evaluation.Preprocess.Mean);
        Assert.Equal((ColorOrder.Bgr, TensorLayout.Nchw), (evaluation.Preprocess.Color, evaluation.Preprocess.Layout));
        Assert.Equal(0.02, evaluation.CorruptShare, 1e-12);
        Assert.Equal(255, manifest.Data.Calibration!.Preprocess.Scale);
        Assert.Equal(256, manifest.Data.Calibration.Samples);
        Assert.Equal(["ids", "mask"], manifest.Data.Training!.Files.Select(f => f.Input));
        Assert.Equal("/p/raw.bin", manifest.Data.Search!.Files[0].File.FullPath);
        Assert.Equal([2, 3, 4, 5, 6], manifest.Bits.Weights.Select(b => b.Bits));
        Assert.Equal([4, 6, 8], manifest.Bits.Activations.Select(b => b.Bits));
        Assert.Equal([4, 8], manifest.SettingsOf("first_conv")!.Activations!.Value.Select(b => b.Bits));
        Assert.True(manifest.SettingsOf("head/1")!.Skip);
        Assert.Null(manifest.SettingsOf("head/12"));
        Assert.Equal(17, manifest.Layers[0].At.Line);
        Assert.Equal([1, 1, 28, 28], manifest.Inputs[0].Shape!.Value);
        Assert.Equal("tokens", manifest.Inputs[1].Array);
        Assert.Equal((Quality.Cosine, "logits"), (manifest.Metric.Kind, manifest.Metric.Output));
        Assert.Equal((TimeSpan.FromMinutes(10), SearchEvaluation.Finetuned), (manifest.Search.TimeLimit, manifest.Search.Evaluate));
        Assert.Equal(ProjectionKind.Knapsack, manifest.Search.Ddpg.Projection);
        Assert.Equal((RangeMethod.Kl, false, RoundingMethod.Nearest), (manifest.Quantization.Ranges, manifest.Quantization.PerChannel, manifest.Quantization.Rounding));
        var finetune = manifest.Finetune!;
        Assert.Equal((2, OptimizerKind.Sgd, LossKind.CrossEntropy, true, 4), (finetune.Epochs, finetune.Optimizer, finetune.Loss, finetune.Flip, finetune.Shift));
        Assert.Equal(2, finetune.GradientClip);
    }

    [Fact]
    public void An_entry_may_take_back_what_an_earlier_one_left_in_float()
    {
        var layers = ManifestReader.Parse("haq.yaml", Minimal + "layers: {\"head*\": skip, head1: {skip: false}, head2: {skip: false, weights: 4}}", ["auto"]).Layers;
        Assert.Equal([("head*", true, false), ("head1", false, false), ("head2", false, true)], layers.Select(l => (l.Pattern, l.Skip, l.Weights is not null)));
    }

    [Theory]
    [InlineData("model: m.onnx\nbudget: {latency: 0.6x}", "HAQ0003", 1, "needs 'hardware'")]
    [InlineData("modle: m.onnx", "HAQ0002", 1, "Did you mean 'model'?")]
    [InlineData(Minimal + "serach: {}", "HAQ0002", 4, "Did you mean 'search'?")]
    [InlineData(Minimal + "search: {ddpg: {warmpu: 3}}", "HAQ0002", 4, "Did you mean 'warmup'?")]
    [InlineData(Minimal + "bits: 9", "HAQ0004", 4, "2..8")]
    [InlineData(Minimal + "bits: 8..2", "HAQ0004", 4, "narrower width first")]
    [InlineData(Minimal + "bits: [4, 4]", "HAQ0004", 4, "twice")]
    [InlineData(Minimal + "bits: []", "HAQ0004", 4, "at least one width")]
    [InlineData(Minimal + "model: other.onnx", "HAQ0005", 4, "first in line 1")]
    [InlineData(Minimal + "data: {evaluation: {labels: y.npy}}", "HAQ0003", 4, "needs 'path'")]
    [InlineData(Minimal + "data: {evaluation: {path: x.npz, preprocess: {std: 0}}}", "HAQ0004", 4, "'std' is '0'")]
    [InlineData(Minimal + "quantization: {simplify: [gelu, transpose]}", "HAQ0004", 4, "did you mean 'transposes'?")]
    [InlineData(Minimal + "quantization: {simplify: gelu}", "HAQ0004", 4, "true or false")]
    [InlineData(Minimal + "data: {evaluation: {path: x.npz, format: npx}}", "HAQ0004", 4, "did you mean 'npy'")]
    [InlineData(Minimal + "layers: {a: {weights: 8, skip: true}}", "HAQ0004", 4, "no bits")]
    [InlineData(Minimal + "layers: {a: keep}", "HAQ0004", 4, "expected one of skip")]
    [InlineData(Minimal + "finetune: {epochs: 0}", "HAQ0004", 4, "1..100000")]
    [InlineData(Minimal + "output: m.onnx", "HAQ0004", 4, "would replace the model")]
    [InlineData(Minimal + "search: {strategy: dpdg}", "HAQ0008", 4, "Did you mean 'ddpg'?")]
    [InlineData(Minimal + "objective: latency", "HAQ0004", 4, "accuracy-drop")]
    [InlineData("model: m.onnx\nhardware: h", "HAQ0007", 1, "give a budget")]
    [InlineData("model: m.onnx\nhardware: h\nbudget: {accuracy-drop: 1 %}", "HAQ0007", 3, "objective: latency")]
    [InlineData("model: m.onnx\nhardware: h\nbudget: {latency: 58}", "HAQ0004", 3, "unit is missing")]
    [InlineData("model: m.onnx\nhardware: h\nbudget: {latency: 5 mJ}", "HAQ0004", 3, "'mJ' is not a unit")]
    [InlineData("model: m.onnx\nhardware: h\nbudget: {latency: 0x}", "HAQ0004", 3, "more than nothing")]
    [InlineData("model: [m.onnx]\nhardware: h\nbits: 4", "HAQ0004", 1, "'model' is a list")]
    [InlineData("model:\nhardware: h\nbits: 4", "HAQ0004", 1, "'model' is empty")]
    [InlineData("- a", "HAQ0004", 1, "expected a mapping")]
    [InlineData("", "HAQ0001", 1, "the file is empty")]
    public void What_is_wrong_is_refused_where_it_stands(string text, string code, int line, string message)
    {
        var diagnostic = Assert.Throws<HaqException>(() => ManifestReader.Parse("haq.yaml", text, ["auto", "ddpg"])).Diagnostic;
        Assert.Equal(code, diagnostic.Descriptor.Code);
        Assert.Equal(line, diagnostic.Location!.Value.Line);
        Assert.Contains(message, diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_is_not_there_says_what_writes_one()
    {
        var diagnostic = Assert.Throws<HaqException>(() => ManifestReader.Read(Path.Combine(Path.GetTempPath(), "no", "haq.yaml"))).Diagnostic;
        Assert.Equal("HAQ0006", diagnostic.Descriptor.Code);
        Assert.Contains("haq init", diagnostic.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("a*c", "abbbc", true)]
    [InlineData("a*c", "abcb", false)]
    [InlineData("*/conv?", "block/1/conv2", true)]
    [InlineData("conv", "conv1", false)]
    [InlineData("a[0]", "a[0]", true)]
    [InlineData("**a*", "bab", true)]
    [InlineData("", "", true)]
    public void Globs_match(string pattern, string name, bool expected) => Assert.Equal(expected, Glob.Matches(pattern, name));

    [Fact]
    public void Hardware_may_be_a_mapping_with_threads_and_batch()
    {
        const string Rest = "objective: latency\nbudget: {accuracy-drop: 1 %}\n";
        var hardware = ManifestReader.Parse("/p/haq.yaml", "model: m.onnx\nhardware: {name: onnxruntime, threads: 2, batch: 4}\n" + Rest).Hardware;
        Assert.Equal(("onnxruntime", null, 2, 4), (hardware.Name, hardware.File, hardware.Threads, hardware.Batch));
        Assert.Null(ManifestReader.Parse("/p/haq.yaml", "model: m.onnx\nhardware: onnxruntime\n" + Rest).Hardware.Threads);
        var error = Assert.Throws<HaqException>(() => ManifestReader.Parse("/p/haq.yaml", "model: m.onnx\nhardware: {name: onnxruntime, thread: 2}\n" + Rest));
        Assert.Equal("HAQ0002", error.Diagnostic.Descriptor.Code);
        Assert.Throws<HaqException>(() => ManifestReader.Parse("/p/haq.yaml", "model: m.onnx\nhardware: {threads: 2}\n" + Rest));
        Assert.Throws<HaqException>(() => ManifestReader.Parse("/p/haq.yaml", "model: m.onnx\nhardware: {name: onnxruntime, threads: 0}\n" + Rest));
    }
}
