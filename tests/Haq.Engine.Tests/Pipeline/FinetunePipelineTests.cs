using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Tests.Data;
using Haq.Engine.Tests.Training;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Training in the pipeline, on a network that trains in milliseconds.</summary>
public sealed class FinetunePipelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fine_tuning_is_reported_epoch_by_epoch_and_comes_out_of_the_cache_alike()
    {
        Prepare("bits: {weights: 2, activations: 3}\nfinetune: {epochs: 3, batch: 8, learning-rate: 5e-3, schedule: step, step-epochs: 2, step-factor: 0.5, batch-norm: reestimate}\nquantization: {fold-batch-norm: false}");
        var result = Run("cache");
        var training = result.Report.Finetune!;
        Assert.Equal(("step", "reestimate", "lsq"), (training.Schedule, training.BatchNorm, training.Quantizer));
        Assert.Equal(96, training.Samples);
        Assert.Equal([1, 2, 3], training.Epochs.Select(e => e.Epoch));
        Assert.Equal([5e-3, 5e-3, 2.5e-3], training.Epochs.Select(e => e.LearningRate!.Value), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.All(training.Epochs, e => Assert.Equal(32, e.Validation!.Samples));
        Assert.Contains(training.Epochs, e => e.Validation!.Loss < training.Start!.Loss);
        // What is kept is the first best by the metric, the start included.
        double best = training.Epochs.Select(e => e.Validation!).Prepend(training.Start!).Max(v => v.Top1!.Value);
        Assert.Equal(best, training.KeptEpoch == 0 ? training.Start!.Top1 : training.Epochs[training.KeptEpoch!.Value - 1].Validation!.Top1);
        Assert.NotNull(result.Report.Finetuned);
        string html = File.ReadAllText(_folder["tiny.haq.report.html"]);
        Assert.Contains("measured again after every epoch", html, StringComparison.Ordinal);
        Assert.Contains(training.KeptEpoch == 0 ? "the start, which was kept" : $"Epoch {training.KeptEpoch} was kept", html, StringComparison.Ordinal);

        byte[] model = File.ReadAllBytes(_folder["tiny.haq.onnx"]);
        Assert.True(Run("cache").FromCache);
        File.Delete(_folder["haq.lock.json"]);
        Assert.False(Run("other cache").FromCache);
        Assert.Equal(model, File.ReadAllBytes(_folder["tiny.haq.onnx"]));
    }

    [Theory]
    [InlineData("ddpg", "finetuned")]
    [InlineData("auto", "finetuned")]
    [InlineData("ddpg", "surrogate")]
    [InlineData("knapsack", "surrogate")]
    [InlineData("auto", "surrogate")]
    public void Policies_are_judged_by_what_training_makes_of_them_or_by_their_scores(string strategy, string evaluate)
    {
        Prepare($"bits: {{weights: [2, 4, 8], activations: [4, 8]}}\nbudget: {{latency: 0.9x}}\nfinetune: {{epochs: 2, batch: 16}}\nsearch: {{strategy: {strategy}, episodes: 6, evaluate: {evaluate}, ddpg: {{warmup: 2}}, candidate-training: {{epochs: 1, samples: 48}}}}");
        var result = Run("cache");
        Assert.InRange(result.Report.Cost.LatencyMs, 0, 0.9 * result.Report.CostAt8Bit.LatencyMs);
        Assert.Equal(evaluate == "surrogate" ? "loss" : strategy == "ddpg" ? "top1" : "loss", result.Report.Search!.Metric);
        string digest = result.Report.PolicyDigest;
        File.Delete(_folder["haq.lock.json"]);
        Assert.Equal(digest, Run("other cache").Report.PolicyDigest);
    }

    [Theory]
    [InlineData("budget: {latency: 0.9x}\nsearch: {evaluate: finetuned}", "HAQ0003", "finetune: {epochs: 2}")]
    [InlineData("budget: {accuracy-drop: 1 %}\nobjective: latency\nsearch: {evaluate: surrogate}", "HAQ0607", "surrogate")]
    [InlineData("bits: 8\nfinetune: {loss: cross-entropy, batch: 512}", "HAQ0705", "'batch: 96'")]
    public void What_makes_no_sense_together_is_refused(string lines, string code, string said)
    {
        Prepare(lines);
        var error = Assert.Throws<HaqException>(() => Run("cache"));
        Assert.Equal(code, error.Diagnostic.Descriptor.Code);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_training_set_all_of_calibrations_own_file_is_trained_on()
    {
        Prepare("bits: 4\nfinetune: {batch: 16}", training: false);
        var training = Run("cache").Report.Finetune!;
        Assert.Equal(96, training.Samples);
        Assert.Contains("training.npy", training.Data, StringComparison.Ordinal);
    }

    private void Prepare(string lines, bool training = true)
    {
        TinyNetwork.Model().Save(_folder["tiny.onnx"]);
        Write("training", TinyNetwork.Images(96));
        Write("evaluation", TinyNetwork.Images(64, "evaluation"));
        string own = training ? "  training: {path: training.npy, labels: training-labels.npy}" : "";
        File.WriteAllText(_folder["haq.yaml"], $$$"""
            model: tiny.onnx
            hardware: bismo-edge
            gate: warning  # the labels are a network of chance weights
            inputs: {image: [1, 1, {{{TinyNetwork.Side}}}, {{{TinyNetwork.Side}}}]}
            data:
              calibration: {path: training.npy, samples: 32}
              evaluation: {path: evaluation.npy, labels: evaluation-labels.npy}
            {{{own}}}
            {{{lines}}}

            """);
    }

    private void Write(string name, ArrayDataset images)
    {
        using var batch = new Haq.Engine.Data.Batch(images, images.Count);
        batch.Fill(images, Enumerable.Range(0, images.Count).ToArray());
        float[] pixels = batch.Inputs[0].Values<float>().ToArray();
        File.WriteAllBytes(_folder[name + ".npy"],
            DataFixture.Npy("<f4", string.Create(CultureInfo.InvariantCulture, $"{images.Count}, 1, {TinyNetwork.Side}, {TinyNetwork.Side}"), DataFixture.Bytes(pixels)));
        File.WriteAllBytes(_folder[name + "-labels.npy"], DataFixture.Npy("<i8", string.Create(CultureInfo.InvariantCulture, $"{images.Count},"),
            DataFixture.Bytes([.. batch.Labels.ToArray().Select(l => (long)l)])));
    }

    private PipelineResult Run(string cache) =>
        ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder[cache])), null, CancellationToken.None);
}
