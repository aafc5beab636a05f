using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Tests.Evaluation;

namespace Haq.Engine.Tests.Quantization.Calibration;

public sealed class RangeChooserTests
{
    [Fact]
    public void What_is_chosen_disturbs_the_layers_that_read_it_less()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        using var training = MeasuredEvaluatorTests.Training(RangeChooser.Samples);
        var choices = RangeChooser.Choose(sample.Model, sample.Calibration, training, TestContext.Current.CancellationToken);
        Assert.NotEmpty(choices);
        Assert.DoesNotContain(RangeMethod.Mse, choices.Values);
        var table = sample.Calibration.With(RangeMethod.Mse, methods: choices);
        Assert.Equal(choices.Count, table.Chosen);
        using var stream = new MemoryStream();
        table.Write(stream);
        stream.Position = 0;
        var read = CalibrationTable.Read(stream);
        foreach (var ((tensor, bits), method) in choices)
        {
            var width = new Bitwidth(bits);
            Assert.Equal(method, read.MethodOf(tensor, width));
            Quantizer chosen = read.For(tensor, width), usual = sample.Calibration.For(tensor, width);
            int reader = sample.Model.Layers.First(l => l.Input == tensor).Layer.Index;
            var noises = LayerProbe.Run(sample.Model, [new LayerVariant(reader, chosen, null, null), new LayerVariant(reader, usual, null, null)],
                training, RangeChooser.Samples, LayerProbe.WeightMemory, CancellationToken.None);
            Assert.True(noises[0].Noise < noises[1].Noise, $"{tensor} at {bits} bits by {method}: {noises[0].Noise} against {noises[1].Noise}");
        }
    }

    [Theory]
    [InlineData(90)]
    [InlineData(99)]
    [InlineData(100)]
    public void A_percentile_keeps_its_share(double percentile)
    {
        var histogram = new StreamedHistogram();
        histogram.Add([.. Enumerable.Range(1, 10_000).Select(i => i / 10_000f)]);
        var quantizer = RangeEstimator.Estimate(histogram, new Bitwidth(8), RangeMethod.Percentile, percentile);
        Assert.Equal(percentile / 100, quantizer.Highest, 0.002);
    }
}
