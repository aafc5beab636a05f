using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Smoothing;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Smoothing;

public sealed class SmoothingFactorsTests
{
    [Fact]
    public void The_foretold_noise_is_what_rounding_every_value_makes()
    {
        // Channels from 1 to 64 in size, read by a depthwise convolution of 3 taps whose channels all count alike.
        const int channels = 7, length = 4096, taps = 3;
        var random = new SeededRandom(3);
        float[] x = new float[channels * length];
        for (int i = 0; i < x.Length; i++) x[i] = (float)((random.NextDouble() * 2 - 1) * (1 << i / length));
        float[] w = [.. Enumerable.Range(0, channels * taps).Select(i => (float)(random.NextNormal() / (1 << i / taps)))];
        var extents = new ChannelExtents(channels);
        extents.Add(x, length, 1);
        var (view, found) = Depthwise(w, channels, taps);
        // Sixteen bits: the weights' own noise is out of the way.
        var reader = ReaderWeights.Of(view, found, channels, new Bitwidth(16));
        Assert.True(reader.IsDepthwise);
        var choice = SmoothingFactors.Choose(extents, [reader], 256)!;

        Assert.Empty(choice.Offsets);
        for (int c = 0; c < channels; c++) Assert.Equal(Math.Pow(2, c - channels + 1), choice.Factors[c], 0.02);
        Assert.Equal(Measured(x, w, [.. choice.Factors.Select(_ => 1.0)]), choice.Before, choice.Before * 0.15);
        Assert.Equal(Measured(x, w, choice.Factors), choice.After, choice.After * 0.15);
        Assert.True(choice.After < choice.Before / 100);

        double Measured(float[] values, float[] weights, double[] factors)
        {
            double low = 0, high = 0, noise = 0, signal = 0;
            for (int i = 0; i < values.Length; i++) (low, high) = (Math.Min(low, values[i] / factors[i / length]), Math.Max(high, values[i] / factors[i / length]));
            double step = (high - low) / 255;
            for (int c = 0; c < channels; c++)
            {
                for (int i = 0; i + taps <= length; i++)
                {
                    double exact = 0, rounded = 0;
                    for (int k = 0; k < taps; k++)
                    {
                        double value = values[c * length + i + k];
                        exact += weights[c * taps + k] * value;
                        rounded += weights[c * taps + k] * Math.Round(value / factors[c] / step) * step * factors[c];
                    }
                    signal += exact * exact;
                    noise += (exact - rounded) * (exact - rounded);
                }
            }

            return noise / signal;
        }
    }

    [Fact]
    public void Weights_that_have_few_bits_take_up_less_of_the_ratio()
    {
        const int channels = 8;
        var random = new SeededRandom(5);
        float[] x = new float[channels * 512], w = [.. Enumerable.Range(0, channels * 6).Select(_ => (float)random.NextNormal())];
        for (int i = 0; i < x.Length; i++) x[i] = (float)(random.NextNormal() * (1 << i / 512));
        var extents = new ChannelExtents(channels);
        extents.Add(x, 512, 1);
        double[] spread = new double[2];
        foreach (int bits in new[] { 8, 2 })
        {
            var (view, found) = Pointwise(w, channels);
            var choice = SmoothingFactors.Choose(extents, [ReaderWeights.Of(view, found, channels, new Bitwidth(bits))], 256);
            spread[bits == 8 ? 0 : 1] = choice is null ? 1 : choice.Factors.Max() / choice.Factors.Min();
        }
        Assert.True(spread[1] < spread[0], $"{spread[1]} at 2 bits, {spread[0]} at 8");
    }

    [Fact]
    public void A_channel_without_values_is_left_alone()
    {
        float[] x = new float[3 * 64];
        var random = new SeededRandom(9);
        for (int i = 0; i < 128; i++) x[i] = (float)random.NextNormal() * (i < 64 ? 1 : 30);
        var extents = new ChannelExtents(3);
        extents.Add(x, 64, 1);
        var (view, found) = Depthwise([1, 1, 1], 3, 1);
        Assert.Equal(1, SmoothingFactors.Choose(extents, [ReaderWeights.Of(view, found, 3, Bitwidth.Eight)], 256)!.Factors[2]);
    }

    private static (GraphView View, FoundLayer Found) Depthwise(float[] weights, int channels, int taps) =>
        Layer([channels, 1, taps], weights, channels, OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "layer").With("group", channels));

    private static (GraphView View, FoundLayer Found) Pointwise(float[] weights, int channels) =>
        Layer([weights.Length / channels, channels, 1], weights, channels, OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "layer"));

    private static (GraphView View, FoundLayer Found) Layer(long[] shape, float[] weights, int channels, NodeProto node)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        foreach (long extent in new long[] { 1, channels, 64 }) tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        var graph = new GraphProto { Name = "g", Input = { new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = tensor } } }, Output = { new ValueInfoProto { Name = "y" } } };
        graph.Initializer.Add(TensorData.Of("w", shape, weights));
        graph.Node.Add(node);
        var model = QuantizableModel.Prepare(new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m"));
        return (model.View, model.Layers[0]);
    }
}
