using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Evaluation;

namespace Haq.Engine.Tests.Quantization.Export;

public sealed class SharedWeightTests(ITestOutputHelper output)
{
    [Fact]
    public void Shared_weights_of_every_width_are_looked_up_by_a_stock_session_as_the_evaluator_computes_them()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        var quantizer = new PostTrainingQuantizer(sample.Model, sample.Calibration, new WeightOptions { Sharing = WeightSharing.KMeans, Seed = 1 });
        using var images = MeasuredEvaluatorTests.Images(96);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var policy = new Policy([.. quantizer.Model.Layers.Select((_, i) => new LayerBits(1 + (i + 7) % 8, 32))]);
        var quantized = quantizer.Quantize(policy);
        Assert.All(quantized.Layers, l => Assert.True(l.Weights!.IsShared && l.Activation is null && l.Bias?.Integers is null));

        var exported = OnnxModel.Parse(QdqExporter.Export(quantized).ToBytes(), "shared");
        Assert.Equal(exported.ToBytes(), QdqExporter.Export(quantizer.Quantize(policy)).ToBytes());
        var expected = evaluator.Samples(quantized, CancellationToken.None);
        using (var session = new OrtSession(exported, ExactSessions.Settings)) Assert.Equal(expected, set.Run(session, CancellationToken.None));
        Assert.Equal(evaluator.Evaluate(quantized, CancellationToken.None).Loss, set.Score(exported, SessionSettings.Default).Loss, 1e-6);

        // What is stored is what is priced: indices at their width, codebooks, biases; names and shapes come on top.
        long stored = exported.Graph.Initializer.Sum(t => TensorData.Count(t) * (TensorData.TypeOf(t) == DataType.Uint8 ? 8 : TensorData.TypeOf(t) == DataType.Int64 ? 64 : 32));
        long priced = quantized.Layers.Sum(l => l.Weights!.Values.Length * l.Weights.Bits + 32L * l.Weights.Codebook.Length) + 32L * quantizer.Model.Layers.Sum(l => l.Layer.Shape.Out);
        output.WriteLine($"{stored} bits stored, {priced} priced, file {exported.ToBytes().Length} bytes");
        Assert.InRange(stored, priced, priced + 28 * 64 * 8);
        Assert.InRange(exported.ToBytes().Length, stored / 8, stored / 8 + 40_000);
    }

    [Fact]
    public void Scorers_that_look_at_layers_alone_leave_out_activations_that_stay_in_floating_point()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        var quantizer = new PostTrainingQuantizer(sample.Model, sample.Calibration, new WeightOptions { Sharing = WeightSharing.KMeans, Seed = 1 });
        using var images = MeasuredEvaluatorTests.Images(16);
        LayerBits[] choices = [new(2, 32), new(4, 32), new(8, 32)];
        var scores = new LocalErrorScorer(quantizer, images).Score([.. Enumerable.Repeat(choices, 28)], [.. Enumerable.Range(0, 28).Select(i => ImmutableArray.Create(i))], CancellationToken.None);
        for (int layer = 0; layer < 28; layer++)
        {
            Assert.True(scores.Of(layer, choices[0]) > scores.Of(layer, choices[1]) && scores.Of(layer, choices[1]) >= scores.Of(layer, choices[2]));
            Assert.All(scores.ActivationsOf(layer).ToArray(), s => Assert.True(double.IsNaN(s)));
        }
    }

    [Fact]
    public void More_shared_values_lower_the_loss()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(256);
        using var set = new EvaluationSet(sample.Model.Float, images);
        var evaluator = new MeasuredEvaluator(new PostTrainingQuantizer(sample.Model, sample.Calibration, new WeightOptions { Sharing = WeightSharing.KMeans, Seed = 1 }), set);
        double[] losses = [.. new[] { 8, 6, 5, 4, 3, 2 }.Select(b => evaluator.Evaluate(Policy.Uniform(28, new LayerBits(b, 32)), CancellationToken.None).Loss)];
        output.WriteLine(string.Join(", ", losses));
        Assert.Equal(losses.Order(), losses);
        Assert.True(losses[0] < 1e-3 && losses[3] < 0.1);
    }
}
