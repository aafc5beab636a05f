using Haq.Engine.Autodiff;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx.Schema;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Tests.Evaluation;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Training;

public sealed class FineTunerTests
{
    private static readonly FineTuneOptions s_short = new() { Epochs = 2, Batch = 32, LearningRate = 2e-3, Augmentation = new Augmentation(true, 1) };

    [Fact]
    public void Four_bits_on_the_sample_recover_with_a_few_steps()
    {
        using var training = MeasuredEvaluatorTests.Training(320);
        using var images = MeasuredEvaluatorTests.Images(200);
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        // From weights rounded to the nearest: what second-order rounding leaves, a few steps on 320 images do not improve.
        var start = FourBits(new PostTrainingQuantizer(quantizer.Model, quantizer.Calibration, WeightOptions.Plain));
        var result = FineTuner.Run(start, training, s_short with { Augmentation = Augmentation.None }, (m, c) => -evaluator.Evaluate(m, c).Loss);
        // Measured as exported, the divergence from the float model falls by a third at least.
        Assert.True(result.BestScore > result.StartScore / 1.5, $"{result.StartScore} -> {result.BestScore}");
        Assert.Equal(result.Epochs.Max(e => e.Score), result.BestScore);
        Assert.Equal(-evaluator.Evaluate(result.Model, CancellationToken.None).Loss, result.BestScore);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_with_or_without_an_interruption()
    {
        using var folder = new TemporaryFolder();
        using var training = MeasuredEvaluatorTests.Training(64);
        double ranks = 0;
        double Better(QuantizedModel model, CancellationToken cancellation) => ++ranks;
        var whole = FineTuner.Run(FourBits(), training, s_short, Better);

        var options = s_short with { CheckpointFolder = folder.Path };
        using var stop = new CancellationTokenSource();
        var interrupt = new Interrupt(stop);
        Assert.ThrowsAny<OperationCanceledException>(() => FineTuner.Run(FourBits(), training, options, Better, interrupt, stop.Token));
        var resumed = FineTuner.Run(FourBits(), training, options, Better);
        Assert.Empty(resumed.Warnings);
        Assert.Equal(2, resumed.Epochs.Length);
        AssertSame(whole.Model, resumed.Model);

        // With other options the checkpoint is foreign, and said to be.
        var other = FineTuner.Run(FourBits(), training, options with { Epochs = 1 }, Better);
        Assert.Contains(other.Warnings, w => w.Descriptor == DiagnosticCatalog.CheckpointIgnored);
    }

    [Fact]
    public void The_engines_kernels_and_standard_operators_train_alike()
    {
        // At 16 bits, because at 4 a value on the border between two integers, which rounds to either, changes all that follows it.
        using var training = MeasuredEvaluatorTests.Training(32);
        var quantizer = MeasuredEvaluatorTests.Sample();
        var start = quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(16, 16)));
        var results = new[] { KernelSet.Custom, KernelSet.Standard }.Select(kernels =>
        {
            double rank = 0;
            var options = s_short with { Epochs = 1, Kernels = kernels, Optimizer = OptimizerKind.Sgd, ClipNorm = 1, LearningRate = 1, Loss = LossKind.CrossEntropy, Steps = StepLearning.Fixed };
            return FineTuner.Run(start, training, options, (_, _) => ++rank);
        }).ToArray();
        Assert.Equal(results[0].Epochs[0].Loss, results[1].Epochs[0].Loss, 1e-3 * results[0].Epochs[0].Loss);
        for (int i = 0; i < start.Layers.Length; i++)
        {
            var (before, a, b) = (Values(start.Layers[i]), Values(results[0].Model.Layers[i]), Values(results[1].Model.Layers[i]));
            double moved = Length(a.Zip(before, (x, y) => x - y)), apart = Length(a.Zip(b, (x, y) => x - y)), grid = start.Layers[i].Weights!.Scales.Max() * Math.Sqrt(a.Length);
            Assert.True(apart <= 0.02 * moved + grid, $"layer {i} moves by {moved} and ends {apart} apart, with a grid of {grid}");
        }
    }

    private static double Length(IEnumerable<float> values) => Math.Sqrt(values.Sum(v => (double)v * v));

    private static float[] Values(QuantizedLayer layer)
    {
        float[] values = new float[layer.Weights!.Layout.Count];
        layer.Weights.Dequantize(values);
        return values;
    }

    [Fact]
    public void Nothing_worse_than_the_start_is_returned()
    {
        using var training = MeasuredEvaluatorTests.Training(32);
        var start = FourBits();
        double rank = 0;
        var result = FineTuner.Run(start, training, s_short with { Epochs = 1 }, (_, _) => --rank);
        Assert.Same(start, result.Model);
        Assert.Equal(0, result.BestEpoch);
        Assert.Contains(result.Warnings, w => w.Descriptor == DiagnosticCatalog.FineTuneKeptNothing);
    }

    [Fact]
    public void Divergence_is_undone_and_retried_and_said()
    {
        using var training = MeasuredEvaluatorTests.Training(96);
        double rank = 0;
        var result = FineTuner.Run(
            FourBits(), training, s_short with { Epochs = 1, Optimizer = OptimizerKind.Sgd, LearningRate = 1e30, Retries = 2 }, (_, _) => ++rank);
        Assert.True(result.Warnings.Count(w => w.Descriptor == DiagnosticCatalog.TrainingRetried) == 2, string.Join(' ', result.Warnings) + string.Join(' ', result.Epochs));
        Assert.Contains(result.Warnings, w => w.Descriptor == DiagnosticCatalog.TrainingStopped);
        Assert.Equal(result.StartScore, result.BestScore);
    }

    [Fact]
    public void Bad_input_is_refused_with_what_to_do()
    {
        float[] pixels = new float[64 * 784];
        using var unlabelled = new ArrayDataset("image", [1, 28, 28], pixels);
        Refused(DiagnosticCatalog.LabelsMissing, unlabelled, s_short with { Loss = LossKind.CrossEntropy });
        Refused(DiagnosticCatalog.TrainingSetTooSmall, unlabelled, s_short with { Batch = 65 });
        using var wrong = new ArrayDataset("image", [1, 28, 28], pixels, [.. Enumerable.Repeat(10, 64)]);
        Refused(DiagnosticCatalog.LabelsMissing, wrong, s_short with { Loss = LossKind.CrossEntropy });
        float[] spoiled = [.. pixels];
        spoiled[5000] = float.NaN;
        using var notFinite = new ArrayDataset("image", [1, 28, 28], spoiled);
        Refused(DiagnosticCatalog.NonFiniteTrainingData, notFinite, s_short);
    }

    [Theory]
    [InlineData(LossKind.CrossEntropy, OptimizerKind.Adam, StepLearning.Lsq)]
    [InlineData(LossKind.MeanSquaredError, OptimizerKind.Sgd, StepLearning.Fixed)]
    [InlineData(LossKind.Distillation, OptimizerKind.Adam, StepLearning.Clipping)]
    public void Every_loss_optimizer_and_way_to_learn_steps_lowers_its_loss(LossKind loss, OptimizerKind optimizer, StepLearning steps)
    {
        using var training = MeasuredEvaluatorTests.Training(96);
        double rank = 0;
        var options = s_short with { Epochs = 4, Loss = loss, Optimizer = optimizer, Steps = steps, Augmentation = Augmentation.None, Schedule = RateSchedule.Step, WeightDecay = 1e-4 };
        var start = FourBits();
        var result = FineTuner.Run(start, training, options, (_, _) => ++rank);
        Assert.True(result.Epochs[^1].Loss < result.Epochs[0].Loss, $"{result.Epochs[0].Loss} -> {result.Epochs[^1].Loss}");
        bool moved = result.Model.Layers.Zip(start.Layers).Any(p => p.First.Activation!.Value.Scale != p.Second.Activation!.Value.Scale);
        Assert.Equal(steps != StepLearning.Fixed, moved);
        Assert.Equal(steps == StepLearning.Lsq, result.Model.Layers.Zip(start.Layers).Any(p => !p.First.Weights!.Scales.SequenceEqual(p.Second.Weights!.Scales)));
    }

    [Fact]
    public void A_batch_fixed_in_the_graph_is_no_obstacle()
    {
        var start = FourBits();
        var model = start.Model.Clone();
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
        var images = MeasuredEvaluatorTests.Training(64);
        float[] values = new float[64 * 784];
        using (var batch = new Batch(images, 64))
        {
            batch.Fill(images, Enumerable.Range(0, 64).ToArray());
            batch.Inputs[0].Values<float>().CopyTo(values);
        }
        using var single = new ArrayDataset("image", [1, 28, 28], values, fixedBatch: 1);
        double rank = 0, other = 0;
        var options = s_short with { Epochs = 1, Augmentation = Augmentation.None };
        AssertSame(FineTuner.Run(start, images, options, (_, _) => ++rank).Model, FineTuner.Run(start with { Model = model }, single, options, (_, _) => ++other).Model);
        images.Dispose();
    }

    private static QuantizedModel FourBits(PostTrainingQuantizer? from = null)
    {
        var quantizer = from ?? MeasuredEvaluatorTests.Sample();
        int last = quantizer.Model.Layers.Length - 1;
        return quantizer.Quantize(Policy.Uniform(last + 1, new LayerBits(4, 4)).With(0, new LayerBits(8, 8)).With(last, new LayerBits(8, 8)));
    }

    private static void Refused(DiagnosticDescriptor expected, IDataset training, FineTuneOptions options)
    {
        var error = Assert.Throws<HaqException>(() => FineTuner.Run(FourBits(), training, options, (_, _) => 0));
        Assert.Equal(expected, error.Diagnostic.Descriptor);
    }

    private static void AssertSame(QuantizedModel a, QuantizedModel b)
    {
        for (int i = 0; i < a.Layers.Length; i++)
        {
            Assert.Equal(a.Layers[i].Weights!.Values.ToArray(), b.Layers[i].Weights!.Values.ToArray());
            Assert.Equal(a.Layers[i].Weights!.Scales, b.Layers[i].Weights!.Scales);
            Assert.Equal(a.Layers[i].Bias!.Values, b.Layers[i].Bias!.Values);
            Assert.Equal(a.Layers[i].Activation, b.Layers[i].Activation);
        }
    }

    private sealed class Interrupt(CancellationTokenSource stop) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value)
        {
            Assert.True(value.Left >= TimeSpan.Zero);
            if (value is { Epoch: 2, Step: 1 }) stop.Cancel();
        }
    }
}
