using System.Collections.Concurrent;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Tests.Evaluation;

public sealed class MeasuredEvaluatorTests
{
    private static readonly ConcurrentDictionary<string, PostTrainingQuantizer> s_sample = new();

    internal static ArrayDataset Images(int count) => ArrayDataset.Fashion(
        Shared.File("sample/evaluation-images-idx3-ubyte.gz"), Shared.File("sample/evaluation-labels-idx1-ubyte.gz"), "image", count);

    internal static ArrayDataset Training(int count) => ArrayDataset.Fashion(
        Shared.File("sample/train-images-idx3-ubyte.gz"), Shared.File("sample/train-labels-idx1-ubyte.gz"), "image", count);

    /// <summary>The sample's network, calibrated on 96 images; made once for all tests.</summary>
    internal static PostTrainingQuantizer Sample()
    {
        string path = Shared.File("sample/fashion-mobilenet.onnx");
        return s_sample.GetOrAdd(path, p =>
        {
            var model = QuantizableModel.Prepare(OnnxModel.Load(p));
            using var training = Training(96);
            return new PostTrainingQuantizer(model, new Calibrator(model).Run(training));
        });
    }

    internal static Policy Mixed(PostTrainingQuantizer quantizer, string seed, params int[] widths)
    {
        var random = new SeededRandom(5).Fork(seed);
        var layers = quantizer.Model.Layers;
        var activations = layers.Select(l => l.Layer.ActivationGroup).Distinct().ToDictionary(g => g, _ => widths[random.Next(widths.Length)]);
        return new Policy([.. layers.Select(l => new LayerBits(widths[random.Next(widths.Length)], activations[l.Layer.ActivationGroup]))]);
    }

    [Fact]
    public void Float_and_eight_bits_have_the_documented_accuracy()
    {
        var quantizer = Sample();
        using var images = Images(2000);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        Assert.Equal(93.35, set.Float.Top1); // shared/sample/README.md
        Assert.Equal(100, set.Float.Agreement);
        Assert.Equal(0, set.Float.Loss);
        Assert.Equal(OutputKind.Logits, set.Kind);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var eight = evaluator.Evaluate(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(8, 8)), CancellationToken.None);
        Assert.InRange(eight.Top1!.Value, 92.85, 93.85);
    }

    [Fact]
    public void The_same_policy_gets_the_same_score_whatever_the_number_of_workers_and_what_fits_in_memory()
    {
        var quantizer = Sample();
        var policy = Mixed(quantizer, "score", 4, 5, 6);
        using var images = Images(330);
        var scores = new List<PolicyScore>();
        foreach (var options in new[] { new EvaluationOptions { Workers = 1 }, new EvaluationOptions { Workers = 3 }, new EvaluationOptions { SampleMemory = 0, ReferenceMemory = 4000 },
            new EvaluationOptions { SampleMemory = 0, SampleFile = 0, ReferenceMemory = 4000, ReferenceFile = 8000 } })
        {
            using var set = new EvaluationSet(quantizer.Model.Float, images, options);
            var evaluator = new MeasuredEvaluator(quantizer, set);
            scores.Add(evaluator.Evaluate(policy, CancellationToken.None));
            scores.Add(evaluator.Evaluate(policy, CancellationToken.None));
        }
        Assert.Single(scores.Distinct());
        Assert.Equal(330, scores[0].Samples);
    }

    [Fact]
    public void A_memo_asks_once()
    {
        var quantizer = Sample();
        using var images = Images(32);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var memo = new EvaluationMemo(new MeasuredEvaluator(quantizer, set));
        var policy = Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(6, 6));
        Assert.Same(memo.Evaluate(policy, CancellationToken.None), memo.Evaluate(policy.With(0, policy[0]), CancellationToken.None));
        Assert.Equal((1, 1), (memo.Known, memo.Hits));
    }

    [Fact]
    public void A_cancelled_evaluation_ends()
    {
        var quantizer = Sample();
        using var images = Images(64);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new MeasuredEvaluator(quantizer, set).Evaluate(Policy.Uniform(28, new LayerBits(8, 8)), source.Token));
    }

    [Fact]
    public void Policies_that_do_not_fit_are_refused()
    {
        var quantizer = Sample();
        Assert.Throws<ArgumentException>(() => quantizer.Quantize(Policy.Uniform(5, new LayerBits(8, 8))));
    }

    [Fact]
    public void An_output_that_is_not_there_is_an_error_that_lists_those_that_are()
    {
        using var images = Images(8);
        var error = Assert.Throws<HaqException>(() => new EvaluationSet(Sample().Model.Float, images, new EvaluationOptions { Output = "logit" }));
        Assert.Equal("HAQ0501", error.Diagnostic.Descriptor.Code);
        Assert.Contains("'logits'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_step_of_post_training_quality_lowers_the_damage_at_four_bits()
    {
        var sample = Sample();
        using var images = Images(400);
        using var set = new EvaluationSet(sample.Model.Float, images);
        var policy = Policy.Uniform(sample.Model.Layers.Length, new LayerBits(4, 8));
        WeightOptions[] steps =
        [
            WeightOptions.Plain,
            WeightOptions.Plain with { CorrectBias = true },
            WeightOptions.Plain with { SecondOrder = true },
            new WeightOptions(),
        ];
        double[] losses = [.. steps.Select(o => new MeasuredEvaluator(new PostTrainingQuantizer(sample.Model, sample.Calibration, o), set).Evaluate(policy, CancellationToken.None).Loss)];
        for (int i = 1; i < losses.Length; i++) Assert.True(losses[i] < losses[i - 1], $"step {i}: {string.Join(", ", losses)}");
        Assert.True(losses[^1] < 0.25 * losses[0], string.Join(", ", losses));
    }
}
