using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Tests.Evaluation.Diagnosis;

public sealed class DiagnosticianTests
{
    [Fact]
    public void The_layer_that_was_broken_is_named_first()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(64);
        using var set = new EvaluationSet(sample.Model.Float, images);
        const int broken = 7;
        int layers = sample.Model.Layers.Length;
        var policy = Policy.Uniform(layers, new LayerBits(8, 8)).With(broken, new LayerBits(1, 8));
        var diagnosis = new Diagnostician(sample, sample.Quantize(policy), set, images).Run(damage: () => true, [4, 8], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(layers, diagnosis.Layers.Length);
        var worst = diagnosis.Layers[0];
        Assert.Equal(broken, worst.Layer);
        Assert.True(worst.GivenBack > 0.5 * diagnosis.Quantized!.Loss && worst.Alone > 0.5 * diagnosis.Quantized.Loss);
        Assert.True(worst.SqnrDb < 15 && worst.WeightSqnrDb < 15 && worst.InputSqnrDb > 20, $"{worst}");
        Assert.All(diagnosis.Layers.Where(l => l.Layer != broken), l => Assert.True(l.SqnrDb > 20, $"{l}"));
        // Damage runs on: what is fed by the broken layer is bad in place and good alone.
        var next = diagnosis.Layers.Single(l => l.Layer == broken + 1);
        Assert.True(next.PathSqnrDb < next.SqnrDb - 5, $"{next}");
        Assert.True(worst.DamageOfWeights[4] < worst.Alone && worst.DamageOfWeights[8] < worst.DamageOfWeights[4]);
        Assert.All(diagnosis.Layers, l => Assert.InRange(l.AccumulatorBits!.Value, 8, 32));
        Assert.All(diagnosis.Layers, l => Assert.True(l.Input is { Saturation: >= 0 and < 0.1, OutlierRatio: >= 1 } input && input.Low <= 0 && input.High > 0));
    }

    [Fact]
    public void The_noisiest_layers_are_measured_first_and_the_rest_not_once_the_time_is_over()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(32);
        using var set = new EvaluationSet(sample.Model.Float, images);
        int layers = sample.Model.Layers.Length, asked = 0;
        var policy = Policy.Uniform(layers, new LayerBits(8, 8)).With(7, new LayerBits(1, 8)).With(3, new LayerBits(2, 8));
        var diagnosis = new Diagnostician(sample, sample.Quantize(policy), set, images).Run(damage: () => asked++ < 2, [], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([3, 7], diagnosis.Layers.Where(l => l.GivenBack is not null).Select(l => l.Layer).Order());
        Assert.All(diagnosis.Layers, l => Assert.Equal(l.GivenBack is null, l.Alone is null));
        Assert.All(diagnosis.Layers, l => Assert.NotNull(l.SqnrDb));
    }

    [Theory]
    [InlineData(8, 8, 32)]
    [InlineData(16, 16, 48)]
    public void Accumulators_hold_every_sum(int weights, int activations, int most)
    {
        var sample = MeasuredEvaluatorTests.Sample();
        var quantized = sample.Quantize(Policy.Uniform(sample.Model.Layers.Length, new LayerBits(weights, activations)));
        foreach (var layer in quantized.Layers)
        {
            int bits = AccumulatorWidth.Of(layer)!.Value;
            // The greatest sum over all inputs, by brute force over signs: each product at one of its ends.
            var values = layer.Weights!.Values;
            int perOutput = values.Length / layer.Weights.Layout.Channels;
            long greatest = 0;
            for (int o = 0; o < layer.Weights.Layout.Channels; o++)
            {
                long high = layer.Bias?.Integers?[o] is > 0 and var b ? b : 0;
                for (int i = 0; i < perOutput; i++)
                {
                    long w = values[o * perOutput + i], z = layer.Activation!.Value.ZeroPoint, top = layer.Activation.Value.Range.Max;
                    high += Math.Max(w * (top - z), w * -z);
                }
                greatest = Math.Max(greatest, high);
            }
            Assert.True(greatest <= (1L << (bits - 1)) - 1);
            Assert.InRange(bits, 1, most);
        }
    }
}
