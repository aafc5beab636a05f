using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Quantization.Export;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Weights;

/// <summary>Channels whose weights are next to nothing beside their bias, as training with weight decay leaves them.</summary>
public sealed class BiasRoomTests
{
    private const int Dead = 2;

    [Theory]
    [InlineData("8", true)]
    [InlineData("8", false)]
    [InlineData("w4a8", true)]
    [InlineData("w4a8", false)]
    public void A_channel_of_next_to_nothing_keeps_its_bias_in_integers(string bits, bool secondOrder)
    {
        Assert.True(LayerBits.TryParse(bits, out var widths));
        var (found, quantized, plain) = Quantize(WithDeadChannel(), widths, secondOrder);
        var (_, usual, _) = Quantize(SmallNetworks.Residual(), widths, secondOrder);

        // With the step that its weights alone would have, the bias does not fit.
        double[] bias = new double[found.Layer.Shape.Out];
        bias[Dead] = 1.5;
        Assert.Null(LayerBias.Integer(bias, quantized.Activation!.Value.Scale, plain.Scales.AsSpan()));
        Assert.True(quantized.Weights!.Scales[Dead] > plain.Scales[Dead]);

        Assert.NotNull(quantized.Bias!.Integers);
        Assert.Equal(1.5f, quantized.Bias.Values[Dead], 1e-5f);
        // The others keep their steps and integers.
        float[] weights = new float[quantized.Weights.Layout.Count], before = new float[weights.Length];
        quantized.Weights.Dequantize(weights);
        usual.Weights!.Dequantize(before);
        int per = weights.Length / found.Layer.Shape.Out;
        for (int c = 0; c < found.Layer.Shape.Out; c++)
        {
            if (c == Dead) Assert.All(weights[(c * per)..((c + 1) * per)], w => Assert.InRange(Math.Abs(w), 0, 1e-6f));
            else Assert.Equal(before[(c * per)..((c + 1) * per)], weights[(c * per)..((c + 1) * per)]);
        }
    }

    [Fact]
    public void Its_outputs_stay_close_and_the_file_computes_what_the_evaluator_does()
    {
        var prepared = QuantizableModel.Prepare(WithDeadChannel());
        using var noise = new RandomDataset(prepared.View, prepared.Shapes, 8);
        var quantizer = new PostTrainingQuantizer(prepared, new Calibrator(prepared).Run(noise));
        var quantized = quantizer.Quantize(Policy.Uniform(prepared.Layers.Length, new LayerBits(8, 8)));
        using var set = new EvaluationSet(prepared.Float, noise);
        var expected = new MeasuredEvaluator(quantizer, set).Samples(quantized, CancellationToken.None);
        using var session = new OrtSession(QdqExporter.Export(quantized), ExactSessions.Settings);
        Assert.Equal(expected, set.Run(session, CancellationToken.None));
        Assert.True(expected.Average(s => s.Cosine) > 0.999);
    }

    private static (FoundLayer Found, QuantizedLayer Layer, QuantizedWeights Plain) Quantize(OnnxModel model, LayerBits bits, bool secondOrder)
    {
        var prepared = QuantizableModel.Prepare(model);
        using var noise = new RandomDataset(prepared.View, prepared.Shapes, 8);
        var calibration = new Calibrator(prepared).Run(noise);
        var quantizer = new PostTrainingQuantizer(prepared, calibration, new WeightOptions { SecondOrder = secondOrder });
        var quantized = quantizer.Quantize(Policy.Uniform(prepared.Layers.Length, bits));
        var layer = quantized.Layers.Single(l => l.Found.Name == "left");
        var layout = ChannelLayout.Of(layer.Found.WeightShape.AsSpan(), layer.Found.OutputChannelAxis);
        return (layer.Found, layer, WeightQuantizer.Quantize(prepared.View.Floats(layer.Found.Weight)!, layout, bits.Weights, new WeightOptions().Range));
    }

    private static OnnxModel WithDeadChannel()
    {
        var model = SmallNetworks.Residual();
        Change(model, "left.weight", values =>
        {
            int per = values.Length / 8;
            for (int i = Dead * per; i < (Dead + 1) * per; i++) values[i] *= 1e-16f;
        });
        Change(model, "left.bias", values => values[Dead] = 1.5f);
        return model;
    }

    private static void Change(OnnxModel model, string name, Action<float[]> change)
    {
        var tensor = model.Graph.Initializer.Single(t => t.Name == name);
        float[] values = TensorData.ToFloats(tensor, model.External);
        change(values);
        TensorProto changed = TensorData.Of(name, [.. tensor.Dims], values);
        model.Graph.Initializer[model.Graph.Initializer.IndexOf(tensor)] = changed;
    }
}
