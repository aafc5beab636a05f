using Haq.Engine.Autodiff;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Tests.Evaluation;
using Haq.Engine.Training;
using Onnx;

namespace Haq.Engine.Tests.Training;

public sealed class FineTunerTests
{
    private static readonly FineTuneOptions s_short = new() { Epochs = 2, Batch = 32, LearningRate = 2e-3, Augmentation = new Augmentation(true, 1) };

    [Fact]
    public void Three_bits_on_the_sample_recover_with_a_few_steps()
    {
        using var training = MeasuredEvaluatorTests.Training(320);
        using var images = MeasuredEvaluatorTests.Images(200);
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        int last = quantizer.Model.Layers.Length - 1;
        var start = quantizer.Quantize(Policy.Uniform(last + 1, new LayerBits(3, 3)).With(0, new LayerBits(8, 8)).With(last, new LayerBits(8, 8)));
        var result = FineTuner.Run(start, training, s_short with { Augmentation = Augmentation.None }, (m, c) => new ValidationScore(-evaluator.Evaluate(m, c).Loss));
        // From second-order rounding, and measured as exported, the divergence from the float model falls by a fifth at least.
        Assert.True(result.Best.Value > 0.8 * result.Start.Value, $"{result.Start} -> {result.Best}");
        Assert.Equal(result.Epochs.Max(e => e.Validation.Value), result.Best.Value);
        Assert.Equal(-evaluator.Evaluate(result.Model, CancellationToken.None).Loss, result.Best.Value);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    [InlineData(8, true)]
    public void Training_starts_from_the_very_network_that_it_is_given(int bits, bool fold)
    {
        using var images = TinyNetwork.Images(64);
        var quantizer = TinyNetwork.Quantizer(fold);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var start = TinyNetwork.At(quantizer, bits);
        // At a rate of nothing the mean loss over the training set is the divergence that an evaluation of the exported network measures.
        var options = new FineTuneOptions { Epochs = 1, Batch = 32, LearningRate = 1e-12 };
        double measured = evaluator.Evaluate(start, CancellationToken.None).Loss;
        var result = FineTuner.Run(start, images, options, (m, c) => new ValidationScore(-evaluator.Evaluate(m, c).Loss));
        // A divergence of single-precision probabilities is no better than their seventh digit.
        Assert.Equal(measured, result.Epochs[0].Loss, 1e-4 * measured + 1e-8);
        Assert.Equal(measured, -result.Epochs[0].Validation.Value, 1e-6 * measured);
    }

    [Fact]
    public void Biases_after_products_and_normalizations_are_trained_evaluated_and_exported()
    {
        using var images = TinyNetwork.Images(96);
        var quantizer = TinyNetwork.Quantizer();
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        double rank = 0;
        var tuned = FineTuner.Run(TinyNetwork.At(quantizer, 4), images, s_short, (_, _) => new ValidationScore(++rank)).Model;
        Assert.Equal(["norm.bias", "norm.scale"], tuned.Constants.Keys);
        var dense = tuned.Layers.Single(l => l.Found.Name == "dense");
        Assert.NotEqual(TinyNetwork.At(quantizer, 4).Layers[dense.Found.Layer.Index].Bias!.Values, dense.Bias!.Values);
        var exported = QdqExporter.Export(tuned);
        foreach (var (name, values) in tuned.Constants)
        {
            var written = exported.Graph.Initializer.Single(t => t.Name == name);
            Assert.Equal(values, TensorData.ToFloats(written));
            Assert.NotEqual(values, TensorData.ToFloats(quantizer.Model.View.ConstantOf(name)!));
        }
        double measured = set.Score(exported, ExactSessions.Settings).Loss;
        Assert.Equal(measured, evaluator.Evaluate(tuned, CancellationToken.None).Loss, 1e-4 * measured);
        Assert.NotEqual(measured, evaluator.Evaluate(tuned with { Constants = tuned.Constants.Clear() }, CancellationToken.None).Loss, 1e-3 * measured);
    }

    [Fact]
    public void Each_schedule_moves_the_rate_as_it_says()
    {
        using var images = TinyNetwork.Images(64);
        double[] RatesOf(FineTuneOptions options)
        {
            double rank = 0;
            return [.. FineTuner.Run(TinyNetwork.At(6), images, options with { Epochs = 5, LearningRate = 1e-4 }, (_, _) => new ValidationScore(++rank)).Epochs.Select(e => e.LearningRate / 1e-4)];
        }
        Assert.Equal([1, 1, 0.3, 0.3, 0.09], RatesOf(s_short with { Schedule = RateSchedule.Step, StepEpochs = 2, StepFactor = 0.3 }), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([1, 1, 1, 1, 1], RatesOf(s_short with { Schedule = RateSchedule.Constant }));
        // Ten steps of half a cosine: the highest of an epoch is its first; of the first epoch the second step, as the first warms up.
        double[] cosine = [.. new[] { 1, 2, 4, 6, 8 }.Select(step => 0.5 * (1 + Math.Cos(Math.PI * step / 10)))];
        Assert.Equal(cosine, RatesOf(s_short), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_with_or_without_an_interruption()
    {
        using var folder = new TemporaryFolder();
        using var training = TinyNetwork.Images(64);
        double ranks = 0;
        ValidationScore Better(QuantizedModel model, CancellationToken cancellation) => new(++ranks);
        var whole = FineTuner.Run(TinyNetwork.At(4), training, s_short, Better);

        var options = s_short with { CheckpointFolder = folder.Path };
        using var stop = new CancellationTokenSource();
        var interrupt = new Interrupt(stop);
        Assert.ThrowsAny<OperationCanceledException>(() => FineTuner.Run(TinyNetwork.At(4), training, options, Better, interrupt, stop.Token));
        var resumed = FineTuner.Run(TinyNetwork.At(4), training, options, Better);
        Assert.Empty(resumed.Warnings);
        Assert.Equal(2, resumed.Epochs.Length);
        AssertSame(whole.Model, resumed.Model);

        // With other options the checkpoint is foreign, and said to be.
        var other = FineTuner.Run(TinyNetwork.At(4), training, options with { Epochs = 1 }, Better);
        Assert.Contains(other.Warnings, w => w.Descriptor == DiagnosticCatalog.CheckpointIgnored);
    }

    [Fact]
    public void The_engines_kernels_and_standard_operators_train_alike()
    {
        // At 16 bits, because at 4 a value on the border between two integers, which rounds to either, changes all that follows it.
        using var training = TinyNetwork.Images(32);
        var start = TinyNetwork.At(16);
        var results = new[] { KernelSet.Custom, KernelSet.Standard }.Select(kernels =>
        {
            double rank = 0;
            var options = s_short with { Epochs = 1, Kernels = kernels, Optimizer = OptimizerKind.Sgd, ClipNorm = 1, LearningRate = 1, Loss = LossKind.CrossEntropy, Scales = ScaleLearning.Ste };
            return FineTuner.Run(start, training, options, (_, _) => new ValidationScore(++rank));
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
        using var training = TinyNetwork.Images(32);
        var start = TinyNetwork.At(4);
        double rank = 0;
        var result = FineTuner.Run(start, training, s_short with { Epochs = 1 }, (_, _) => new ValidationScore(--rank));
        Assert.Same(start, result.Model);
        Assert.Equal(0, result.BestEpoch);
        Assert.Contains(result.Warnings, w => w.Descriptor == DiagnosticCatalog.FineTuneKeptNothing);
    }

    [Fact]
    public void Divergence_is_undone_and_retried_and_said()
    {
        using var training = TinyNetwork.Images(96);
        double rank = 0;
        var result = FineTuner.Run(
            TinyNetwork.At(4), training, s_short with { Epochs = 1, Optimizer = OptimizerKind.Sgd, LearningRate = 1e30, Retries = 2 }, (_, _) => new ValidationScore(++rank));
        var retried = Assert.Single(result.Warnings, w => w.Descriptor == DiagnosticCatalog.TrainingRetried);
        Assert.Contains("epoch 1, 2 times", retried.Message, StringComparison.Ordinal);
        Assert.Contains(result.Warnings, w => w.Descriptor == DiagnosticCatalog.TrainingStopped);
        Assert.Equal(result.Start, result.Best);
    }

    [Fact]
    public void Bad_input_is_refused_with_what_to_do()
    {
        float[] pixels = new float[64 * TinyNetwork.Side * TinyNetwork.Side];
        using var unlabelled = new ArrayDataset("image", [1, TinyNetwork.Side, TinyNetwork.Side], pixels);
        Refused(DiagnosticCatalog.LabelsMissing, unlabelled, s_short with { Loss = LossKind.CrossEntropy });
        Refused(DiagnosticCatalog.TrainingSetTooSmall, unlabelled, s_short with { Batch = 65 });
        using var wrong = new ArrayDataset("image", [1, TinyNetwork.Side, TinyNetwork.Side], pixels, [.. Enumerable.Repeat(TinyNetwork.Classes, 64)]);
        Refused(DiagnosticCatalog.LabelsMissing, wrong, s_short with { Loss = LossKind.CrossEntropy });
        float[] spoiled = [.. pixels];
        spoiled[500] = float.NaN;
        using var notFinite = new ArrayDataset("image", [1, TinyNetwork.Side, TinyNetwork.Side], spoiled);
        Refused(DiagnosticCatalog.NonFiniteTrainingData, notFinite, s_short);
    }

    [Theory]
    [InlineData(LossKind.CrossEntropy, OptimizerKind.Adam, ScaleLearning.Lsq)]
    [InlineData(LossKind.Mse, OptimizerKind.Sgd, ScaleLearning.Ste)]
    [InlineData(LossKind.Distillation, OptimizerKind.Adam, ScaleLearning.Pact)]
    public void Every_loss_optimizer_and_way_to_learn_scales_lowers_its_loss(LossKind loss, OptimizerKind optimizer, ScaleLearning scales)
    {
        using var training = TinyNetwork.Images(96);
        double rank = 0;
        var options = s_short with { Epochs = 24, Batch = 16, LearningRate = optimizer == OptimizerKind.Adam ? 1e-2
            : 2e-4, Loss = loss, Optimizer = optimizer, Scales = scales, Augmentation = Augmentation.None, Schedule = RateSchedule.Step, WeightDecay = 1e-4 };
        var start = TinyNetwork.At(2);
        var result = FineTuner.Run(start, training, options, (_, _) => new ValidationScore(++rank));
        // At two bits a step of the weights changes much at once: the loss falls, but not from epoch to epoch.
        Assert.True(result.Epochs.Min(e => e.Loss) < 0.95 * result.Epochs[0].Loss, string.Join(" -> ", result.Epochs.Select(e => e.Loss)));
        bool moved = result.Model.Layers.Zip(start.Layers).Any(p => p.First.Activation!.Value.Scale != p.Second.Activation!.Value.Scale);
        Assert.Equal(scales != ScaleLearning.Ste, moved);
        Assert.Equal(scales == ScaleLearning.Lsq, result.Model.Layers.Zip(start.Layers).Any(p => !p.First.Weights!.Scales.SequenceEqual(p.Second.Weights!.Scales)));
    }

    [Fact]
    public void A_batch_fixed_in_the_graph_is_no_obstacle()
    {
        var start = TinyNetwork.At(4);
        var model = start.Model.Clone();
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
        using var images = TinyNetwork.Images(64);
        using var single = TinyNetwork.Images(64, fixedBatch: 1);
        double rank = 0, other = 0;
        var options = s_short with { Epochs = 1, Augmentation = Augmentation.None };
        AssertSame(FineTuner.Run(start, images, options, (_, _) =>
            new ValidationScore(++rank)).Model, FineTuner.Run(start with { Model = model }, single, options, (_, _) => new ValidationScore(++other)).Model);
    }

    private static void Refused(DiagnosticDescriptor expected, IDataset training, FineTuneOptions options)
    {
        var error = Assert.Throws<HaqException>(() => FineTuner.Run(TinyNetwork.At(4), training, options, (_, _) => new ValidationScore(0)));
        Assert.Equal(expected, error.Diagnostic.Descriptor);
    }

    private static void AssertSame(QuantizedModel a, QuantizedModel b)
    {
        for (int i = 0; i < a.Layers.Length; i++)
        {
            Assert.Equal(a.Layers[i].Weights!.Values.ToArray(), b.Layers[i].Weights!.Values.ToArray());
            Assert.Equal(a.Layers[i].Weights!.Scales, b.Layers[i].Weights!.Scales);
            Assert.Equal(a.Layers[i].Bias?.Values, b.Layers[i].Bias?.Values);
            Assert.Equal(a.Layers[i].Activation, b.Layers[i].Activation);
        }
        Assert.Equal(a.Constants.Keys, b.Constants.Keys);
        Assert.All(a.Constants, c => Assert.Equal(c.Value, b.Constants[c.Key]));
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
