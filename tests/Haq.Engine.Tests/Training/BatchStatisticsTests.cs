using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Training;

public sealed class BatchStatisticsTests
{
    private const int Count = 64;

    // One batch of all images, so that its statistics can be computed here.
    private static readonly FineTuneOptions s_options = new() { Batch = Count };

    [Fact]
    public void Folded_normalizations_get_the_float_networks_mean_and_deviation_back_and_integers_stay()
    {
        using var images = TinyNetwork.Images(Count);
        var start = TinyNetwork.At(4);
        var spoiled = start with { Layers = [.. start.Layers.Select(Spoil)] };
        var mended = new BatchStatistics(start, images, s_options).Apply(spoiled, CancellationToken.None);
        foreach (string output in (string[])["stem", "depthwise"])
        {
            var (expected, before, after) = (Moments(start.Model, output), Moments(QdqExporter.Export(spoiled), output), Moments(QdqExporter.Export(mended), output));
            for (int c = 0; c < expected.Length; c++)
            {
                double scale = Math.Sqrt(expected[c].Variance);
                // A channel that hardly moves has less of a deviation than a step of its bias.
                if (scale < 0.05) continue;
                Assert.True(Math.Abs(before[c].Mean - expected[c].Mean) > 0.05 * scale);
                // The bias is rounded to its integers.
                Assert.Equal(expected[c].Mean, after[c].Mean, 0.05 * scale);
                Assert.Equal(scale, Math.Sqrt(after[c].Variance), 0.05 * scale);
            }
        }
        Assert.All(start.Layers.Zip(mended.Layers), p => Assert.Equal(p.First.Weights!.Values.ToArray(), p.Second.Weights!.Values.ToArray()));
        Assert.Equal(spoiled.Layers[^1].Weights!.Scales, mended.Layers[^1].Weights!.Scales);
    }

    [Fact]
    public void Normalizations_in_the_graph_get_the_quantized_networks_statistics()
    {
        using var images = TinyNetwork.Images(Count);
        var start = TinyNetwork.At(4, fold: false);
        var mended = new BatchStatistics(start, images, s_options).Apply(start, CancellationToken.None);
        var exported = QdqExporter.Export(mended);
        foreach (var (input, name) in new[] { ("stem", "stem.bn"), ("depthwise", "depthwise.bn") })
        {
            var expected = Moments(exported, input);
            Assert.Equal(expected.Select(m => (float)m.Mean), mended.Constants[name + ".mean"], (a, b) => Math.Abs(a - b) < 1e-3);
            Assert.Equal(expected.Select(m => (float)m.Variance), mended.Constants[name + ".variance"], (a, b) => Math.Abs(a - b) < 1e-3 * (1 + a));
        }
        Assert.Equal(4, mended.Constants.Count);
    }

    [Fact]
    public void Training_measures_them_after_every_epoch_and_keeps_what_it_measured()
    {
        using var images = TinyNetwork.Images(Count);
        double rank = 0;
        var options = new FineTuneOptions { Epochs = 2, Batch = 32, ReestimateStatistics = true };
        var start = TinyNetwork.At(4, fold: false);
        QuantizedModel? last = null;
        var result = FineTuner.Run(start, images, options, (m, _) =>
        {
            last = m;
            return new ValidationScore(++rank);
        });
        Assert.Equal(2, result.BestEpoch);
        Assert.Equal(last!.Constants["stem.bn.mean"], result.Model.Constants["stem.bn.mean"]);
        // Scale and shift are trained, mean and variance measured.
        Assert.Equal(4 + 4 + 2, result.Model.Constants.Count);
    }

    // As if training had changed the convolutions' outputs: smaller, and moved.
    private static QuantizedLayer Spoil(QuantizedLayer layer)
    {
        var weights = layer.Weights!;
        var changed = layer with { Weights = new QuantizedWeights(weights.Values, [.. weights.Scales.Select(s => 0.8f * s)], weights.Layout, weights.Bits) };
        return layer.Bias is { } bias ? changed with { Bias = TunedLayers.BiasOf(changed, [.. bias.Values.Select(b => b + 0.3f)]) } : changed;
    }

    private static (double Mean, double Variance)[] Moments(OnnxModel model, string tensor) => TinyNetwork.Moments(model, tensor, Count);
}
